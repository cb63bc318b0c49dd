#!/usr/bin/env bash
# Writes the pipeline's image without a Docker engine: an OCI image layout as one tar, which
# `docker load` and `skopeo copy oci-archive:…` read. The same program, libraries and DuckDB give the
# same bytes.   image.sh BUILD FILE.tar
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd) file=$2
name=beer-pipeline:latest
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
layout=$work/layout blobs=$work/layout/blobs/sha256
mkdir -p "$blobs"

# Neither owner nor time of who packed it.
pack() { tar --create --directory "$1" --format=ustar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner .; }
digest() { sha256sum "$1" | cut -d ' ' -f 1; }
add() { # file → its digest and size, as the members of a descriptor
  local sum
  sum=$(digest "$1")
  mv "$1" "$blobs/$sum"
  printf '"digest":"sha256:%s","size":%d' "$sum" "$(stat -c %s "$blobs/$sum")"
}
blob_of() { sed 's/.*sha256:\([0-9a-f]*\)".*/blobs\/sha256\/\1/' <<<"$1"; }

"$here/gather.sh" "$build" "$work/root"
diff_ids=() layers=()
for layer in base program; do
  pack "$work/root/$layer" >"$work/layer.tar"
  diff_ids+=("\"sha256:$(digest "$work/layer.tar")\"")
  gzip -n "$work/layer.tar"
  layers+=("$(add "$work/layer.tar.gz")")
done
architecture=$(dpkg --print-architecture) # Debian's names are Go's, which OCI uses
created=1970-01-01T00:00:00Z
# What the Dockerfile says of the image, once more.
cat >"$work/config" <<JSON
{"created":"$created","architecture":"$architecture","os":"linux","config":{"Env":["PATH=/opt/program","OMP_NUM_THREADS=1","OMP_WAIT_POLICY=passive"],"Entrypoint":["/opt/program/beer-pipeline"],"ExposedPorts":{"8080/tcp":{}},"WorkingDir":"/","Labels":{"com.amazonaws.sagemaker.capabilities.accept-bind-to-port":"true"}},"rootfs":{"type":"layers","diff_ids":[${diff_ids[0]},${diff_ids[1]}]},"history":[{"created":"$created","created_by":"gather.sh: base"},{"created":"$created","created_by":"gather.sh: program"}]}
JSON
config=$(add "$work/config")
oci=application/vnd.oci.image
cat >"$work/manifest" <<JSON
{"schemaVersion":2,"mediaType":"$oci.manifest.v1+json","config":{"mediaType":"$oci.config.v1+json",$config},"layers":[{"mediaType":"$oci.layer.v1.tar+gzip",${layers[0]}},{"mediaType":"$oci.layer.v1.tar+gzip",${layers[1]}}]}
JSON
manifest=$(add "$work/manifest")
cat >"$layout/index.json" <<JSON
{"schemaVersion":2,"mediaType":"$oci.index.v1+json","manifests":[{"mediaType":"$oci.manifest.v1+json",$manifest,"annotations":{"org.opencontainers.image.ref.name":"latest","io.containerd.image.name":"docker.io/library/$name"}}]}
JSON
echo '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
# An engine from before OCI layouts finds its way by this one.
cat >"$layout/manifest.json" <<JSON
[{"Config":"$(blob_of "$config")","RepoTags":["$name"],"Layers":["$(blob_of "${layers[0]}")","$(blob_of "${layers[1]}")"]}]
JSON

find "$layout" -type d -exec chmod 0755 {} +
find "$layout" -type f -exec chmod 0644 {} +
mkdir -p "$(dirname "$file")"
pack "$layout" >"$file.new"
mv "$file.new" "$file"
unpacked=$(du --summarize --bytes "$work/root" | cut -f 1)
printf '%s  %s\n' "$(digest "$file")" "$file"
printf 'image %s: sha256:%s, %d MB packed, %d MB unpacked\n' "$name" "$(sed 's/.*sha256:\([0-9a-f]*\)".*/\1/' <<<"$manifest")" \
  $(($(stat -c %s "$file") / 1000000)) $((unpacked / 1000000))
