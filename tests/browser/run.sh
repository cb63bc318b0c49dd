#!/usr/bin/env bash
# The browser's tests against the engine of a build folder.   run.sh BUILD [speed]
set -euo pipefail
build=$(realpath "$1")
cd "$(dirname "$0")"
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  npm ci --silent --ignore-scripts --no-audit --no-fund
  touch node_modules/.package-lock.json
fi
export BEER_BIN_DIR=$build/bin
if [ "${2:-}" = speed ]; then exec node speed.mjs; fi
exec node --test --test-reporter=spec .
