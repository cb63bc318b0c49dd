#!/usr/bin/env bash
# Gathers all that the pipeline's image holds, as two folders to lay one over the other: OUT/base, which
# changes when Debian or DuckDB does, and OUT/program.   gather.sh BUILD OUT
set -euo pipefail
export LC_ALL=C  # names in one order everywhere
project=$(cd "$(dirname "$0")/../../.." && pwd)
build=$1 out=$2
program=$build/bin/beer-pipeline duckdb=$build/lib/libduckdb.so
authorities=/usr/share/ca-certificates/mozilla
for needed in "$program" "$duckdb" "$authorities"; do
  [ -e "$needed" ] || { echo "image: $needed is missing: run \`make build\`" >&2; exit 1; }
done

rm -rf "$out"
put() { install -D -m "$1" "$2" "$3"; } # mode, from, to
base=$out/base
umask 022
mkdir -p "$base/etc" "$base/opt/program" "$out/program"

# What ldd names, at the places it names; the dynamic linker looks there without a cache.
ldd "$program" "$duckdb" | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\/.*ld-linux/ { print $1 }' | sort -u |
  while read -r library; do put 0755 "$library" "$base$library"; done

# libduckdb.so beside the program is where it is looked for first. Its symbol table helps nobody here.
put 0644 "$duckdb" "$base/opt/program/libduckdb.so"
strip "$base/opt/program/libduckdb.so"
# Debian's authorities alone: whom this machine trusts besides, the image shall not.
mkdir -p "$base/etc/ssl/certs"
cat "$authorities"/*.crt >"$base/etc/ssl/certs/ca-certificates.crt"
echo 'root:x:0:0:root:/root:/sbin/nologin' >"$base/etc/passwd"
echo 'root:x:0:' >"$base/etc/group"
echo 'hosts: files dns' >"$base/etc/nsswitch.conf"
mkdir -m 0700 "$base/root"
mkdir -m 1777 "$base/tmp"
for text in LICENSE NOTICE; do put 0644 "$project/$text" "$base/usr/share/doc/beer-pipeline/$text"; done

put 0755 "$program" "$out/program/opt/program/beer-pipeline"
strip "$out/program/opt/program/beer-pipeline"
