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
steps=$(ninja -C "$build" -n "$@" | sed -nE 's|^\[[0-9]+/([0-9]+)\].*|\1|p' | tail -1)
[ -n "$steps" ] || exit 0
began=$SECONDS
echo "build: $steps steps on $jobs cores${*:+ for $*}"
quiet=--quiet
[ -t 1 ] && quiet=
ninja -C "$build" -j "$jobs" $quiet "$@"
echo "build: done in $((SECONDS - began)) s"
