#!/usr/bin/env bash
# Runs every benchmark of build/bench, one table after the other.   bench.sh BUILD
set -euo pipefail
cd "$(dirname "$0")/.."
for program in "$1"/bench/*; do
  [ -x "$program" ] && [ -f "$program" ] || continue
  printf '\n== %s\n' "$(basename "$program")"
  "$program"
done
