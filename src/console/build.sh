#!/usr/bin/env bash
# Builds the page into one C++ source.   build.sh OUTPUT.cc
set -euo pipefail
output=$(realpath -m "$1")
cd "$(dirname "$0")"
if ! command -v npm >/dev/null; then
  echo "console: npm is missing: tools/setup.sh installs it" >&2
  exit 1
fi
# Two build folders may want it at once.
exec 9<package-lock.json
flock 9
# npm leaves its own copy of the lock file behind: what is newer has not been installed yet.
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  npm ci --silent --ignore-scripts --no-audit --no-fund
  touch node_modules/.package-lock.json
fi
node node_modules/typescript/bin/tsc --noEmit
dist=$(mktemp -d)
trap 'rm -rf "$dist"' EXIT
node node_modules/vite/bin/vite.js build --logLevel warn --emptyOutDir --outDir "$dist"
mkdir -p "$(dirname "$output")"
node pack.mjs "$dist" >"$output.new"
mv "$output.new" "$output"
