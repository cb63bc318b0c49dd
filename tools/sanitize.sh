#!/usr/bin/env bash
# Builds and runs the unit tests under a sanitizer.   sanitize.sh asan|tsan JOBS [test target…]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1 jobs=$2
shift 2
cmake --preset "$preset" >/dev/null
targets=("${@:-tests}")
cmake --build "build/$preset" -j "$jobs" --target "${targets[@]}" -- --quiet
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1
filter=()
[ "$#" -eq 0 ] || filter=(-R "^($(IFS='|'; echo "$*"))\$")
ctest --test-dir "build/$preset" --output-on-failure -j "$jobs" -LE e2e "${filter[@]}"
