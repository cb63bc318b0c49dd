#!/usr/bin/env bash
# Builds targets and says what it does; silent when there is nothing to do.   build.sh BUILD JOBS [TARGET…]
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 jobs=$2
shift 2
if [ ! -e "$build/build.ninja" ]; then
  echo "build: configuring $build"
  cmake --preset release >/dev/null
fi
# The look for new files is always due; what comes behind it is work.
if ! ninja -C "$build" -n "$@" | grep '^\[' | grep -qvE 'Re-checking globbed|Re-running CMake'; then
  ninja -C "$build" --quiet "$@" | { grep -v 'no work to do' || true; }
  exit "${PIPESTATUS[0]}"
fi
began=$SECONDS
echo "build: ${*:-the executables}, on $jobs cores"
quiet=--quiet
[ -t 1 ] && quiet=
ninja -C "$build" -j "$jobs" $quiet "$@"
echo "build: done in $((SECONDS - began)) s"
