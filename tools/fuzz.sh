#!/usr/bin/env bash
# Builds the fuzz targets with clang and runs one after the other.   fuzz.sh JOBS SECONDS [target…]
# Findings go to build/fuzz/findings, what was learnt to build/fuzz/corpus, the table to build/fuzz/table.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=$1 seconds=$2
shift 2
build=build/fuzz
cmake --preset fuzz >/dev/null
targets=("$@")
if [ "$#" -eq 0 ]; then mapfile -t targets < <(git ls-files 'src/*_fuzz.cc' | xargs -n1 basename -s .cc | sort); fi
cmake --build "$build" -j "$jobs" --target "${targets[@]}" -- --quiet

mkdir -p "$build/findings" "$build/logs"
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1
TIMEFORMAT='%U %S'
row() { printf '%-28s %12s %14s %9s\n' "$@"; }
row target 'CPU seconds' executions findings | tee "$build/table.txt"
failed=0
for target in "${targets[@]}"; do
  corpus=$build/corpus/${target%_fuzz} log=$build/logs/$target.log
  mkdir -p "$corpus"
  before=$(find "$build/findings" -name "$target-*" | wc -l)
  spent=$({ time "$build/tests/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1500 -max_len=4096 \
    -print_final_stats=1 -artifact_prefix="$build/findings/$target-" "$corpus" "tests/fuzz/corpus/${target%_fuzz}" \
    >"$log" 2>&1 || true; } 2>&1)
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  found=$(($(find "$build/findings" -name "$target-*" | wc -l) - before))
  [ "$found" -eq 0 ] || failed=1
  row "$target" "$(awk '{ printf "%.0f", $1 + $2 }' <<<"$spent")" "${runs:-?}" "$found" | tee -a "$build/table.txt"
done
[ "$failed" -eq 0 ] || echo "fuzz: findings are in $build/findings, what each target said in $build/logs"
exit "$failed"
