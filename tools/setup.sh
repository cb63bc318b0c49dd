#!/usr/bin/env bash
# Brings what the project needs onto a Debian 12 machine: packages by apt-get, DuckDB by npm. Quick, and
# silent, when nothing is missing.   setup.sh [build|test|lint|notebooks|browser|fuzz]…
set -euo pipefail
cd "$(dirname "$0")/.."

build_packages=(
  g++ cmake ninja-build make pkg-config ccache mold git ca-certificates
  libboost1.81-dev libboost-json1.81-dev libssl-dev libsqlite3-dev libsimdjson-dev libmodpbase64-dev libpugixml-dev
  libyaml-cpp-dev libcli11-dev libzip-dev libre2-dev libfmt-dev libisal-dev libxgboost-dev libarchive-dev libedit-dev libsnappy-dev libjq-dev
  libgtest-dev libgmock-dev libbenchmark-dev zlib1g-dev
)
lint_packages=(clang-tidy clang-format)
notebook_packages=(jupyter-nbconvert python3-boto3 python3-ipykernel python3-matplotlib python3-nbclient python3-pandas)
test_packages=()
python3 -c 'import boto3' 2>/dev/null || test_packages+=(python3 python3-boto3)
command -v aws >/dev/null || test_packages+=(awscli)
command -v curl >/dev/null || test_packages+=(curl)

packages=()
for what in "${@:-build}"; do
  case "$what" in
    build) packages+=("${build_packages[@]}"); command -v npm >/dev/null || packages+=(npm) ;;
    lint) packages+=("${lint_packages[@]}") ;;
    test) packages+=("${test_packages[@]}") ;;
    notebooks) packages+=("${notebook_packages[@]}") ;;
    browser) command -v chromium >/dev/null || packages+=(chromium) ;;
    fuzz) command -v clang++ >/dev/null || packages+=(clang) ;;
  esac
done

missing=()
if [ "${#packages[@]}" -gt 0 ]; then
  installed=$({ dpkg-query -W -f='${Package} ${db:Status-Abbrev}\n' "${packages[@]}" 2>/dev/null || true; } | awk '$2 == "ii" { print $1 }')
  for package in "${packages[@]}"; do
    grep -qxF "$package" <<<"$installed" || missing+=("$package")
  done
fi
if [ "${#missing[@]}" -gt 0 ]; then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  echo "setup: installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# DuckDB's C library and its header, each from the npm package that carries it. Both are MIT.
duckdb=third_party/duckdb
if [ ! -e "$duckdb/libduckdb.so" ] || [ ! -e "$duckdb/duckdb.h" ]; then
  echo "setup: fetching DuckDB 1.4.4"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && npm pack --silent @duckdb/node-bindings-linux-x64@1.4.4-r.4 duckdb@1.4.4 >/dev/null)
  mkdir -p "$duckdb"
  tar xzf "$work"/duckdb-node-bindings-linux-x64-*.tgz -C "$duckdb" --strip-components=1 package/libduckdb.so package/LICENSE
  tar xzf "$work"/duckdb-1.4.4.tgz -C "$duckdb" --strip-components=5 package/src/duckdb/src/include/duckdb.h
fi
