#!/usr/bin/env bash
# Whether the model is worth registering: the real catalogue through the whole chain, and each bar with
# what was measured. What it finds in more detail stands in BUILD/report afterwards. Ends with 3 when a
# bar is missed.   model_report.sh BUILD [SCALE]
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "$1")
scale=${2:-}
catalogue=$(realpath -m "${BEER_DATA_DIR:-../shared/data}/punk_api_beers.json")
if [ ! -e "$catalogue" ]; then
  echo "model-report: the catalogue isn't at $catalogue; BEER_DATA_DIR names the folder it is in." >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
missed=0

bar() {  # held? what measured asked
  local word=held
  if [ "$1" != 1 ]; then word=MISSED missed=1; fi
  printf '%-6s %-40s %16s   asked: %s\n' "$word" "$2" "$3" "$4"
}

echo "the catalogue through the whole chain, twice"
for run in a b; do
  if ! "$build/bin/beer" run --source "$catalogue" --data "$work/$run" --json >"$work/$run.json" 2>"$work/$run.log"; then
    tail -n 5 "$work/$run.log" >&2
    exit 1
  fi
done
models() { find "$work/$1/buckets" -name model.tar.gz -path "*/$2/*"; }
for output in model refit; do
  same=0
  cmp -s "$(models a $output)" "$(models b $output)" && same=1
  what="$([ $output = refit ] && echo 'the registered' || echo 'the judged') model.tar.gz of two runs"
  bar $same "$what" "$([ $same = 1 ] && echo 'the same bytes' || echo differs)" "the same bytes"
done

# The three programs by themselves, on what the first run has brought into the lake.
export SM_ML_ROOT=$work/ml
mkdir -p "$SM_ML_ROOT/processing" "$SM_ML_ROOT/input/data" "$SM_ML_ROOT/input/config"
cp -r "$(find "$work/a/buckets" -type d -path '*cleaned*/beers' | head -n 1)" "$SM_ML_ROOT/processing/input"
ln -s ../../processing/train "$SM_ML_ROOT/input/data/train"
ln -s ../../processing/rows "$SM_ML_ROOT/input/data/rows"
ln -s ../model "$SM_ML_ROOT/processing/model"
echo '{}' >"$SM_ML_ROOT/input/config/hyperparameters.json"
jobs() {
  "$build/bin/beer-pipeline" preprocess
  "$build/bin/beer-pipeline" train
  "$build/bin/beer-pipeline" evaluate --permutations 10 --explained 300
} >"$work/jobs.log" 2>&1
quick_jobs() {
  for job in preprocess train evaluate; do "$build/bin/beer-pipeline" $job; done
} >"$work/jobs.log" 2>&1
for _ in 1 2 3; do
  began=${EPOCHREALTIME/[.,]/}
  quick_jobs || { tail -n 5 "$work/jobs.log" >&2; exit 1; }
  echo $((${EPOCHREALTIME/[.,]/} - began))
done | sort -n | sed -n 2p >"$work/microseconds"
microseconds=$(cat "$work/microseconds")
bar $((microseconds < 1000000)) "preprocess, train, evaluate of 311 beers" \
  "$(printf '%d.%02d s' $((microseconds / 1000000)) $((microseconds / 10000 % 100)))" "under 1 s"

jobs || { tail -n 5 "$work/jobs.log" >&2; exit 1; }
code=0
"$build/bin/beer-pipeline" report || code=$?
[ $code = 0 ] || [ $code = 3 ] || exit $code
[ $code = 0 ] || missed=1

mkdir -p "$build/report"
cp "$SM_ML_ROOT"/processing/evaluation/* "$SM_ML_ROOT"/processing/report/* "$build/report/"

# The benchmarks hold their figures to bars of their own.
benchmark() {
  echo
  BEER_BENCH_OUT="$work/bench" "$@"
}
benchmark "$build/bench/beer_bench" "$catalogue"
if [ -n "$scale" ]; then benchmark "$build/bench/scale_bench"; fi
if grep -q MISSED "$work/bench"; then missed=1; fi
echo
echo "in more detail: $build/report/report.md, model_card.md, evaluation.json"
[ $missed = 0 ] || exit 3
