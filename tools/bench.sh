#!/usr/bin/env bash
# Runs every benchmark of build/bench, or those named, and prints one table of all their rows; what each printed itself stays in
# build/bench/<name>.txt.   bench.sh BUILD [PROGRAM]…
set -uo pipefail
cd "$(dirname "$0")/.."
build=$1 && shift
programs=("$@")
[ "${#programs[@]}" -gt 0 ] || mapfile -t programs < <(find "$build/bench" -maxdepth 1 -type f -name '*_bench' -executable -printf '%f\n' | sort)
rows=$(mktemp) && trap 'rm -f "$rows"' EXIT
failed=()
for name in "${programs[@]}"; do
  printf '%s …' "$name" >&2
  began=$SECONDS
  BEER_BENCH_OUT=$rows "$build/bench/$name" > "$build/bench/$name.txt" || failed+=("$name")
  printf ' %d s\n' $((SECONDS - began)) >&2
  # A program with a table of its own kind is shown as it is.
  grep -q "^$name	" "$rows" || { printf '\n== %s\n' "$name"; cat "$build/bench/$name.txt"; }
done

printf '\n%s, %s\n\n' "$(nproc) × $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" "medians of ${BEER_BENCH_RUNS:-3} runs, $SECONDS s together"
# "... to X" is the ratio of the row above to X, and belongs into its line; other "..." take the name of the row above.
awk -F '\t' '
  function flush() { if (what != "") printf "| %-74s | %16s | %-14s | %10s | %-30s |\n", what, measured, beside, ratio, bar; what = "" }
  BEGIN { printf "| %-74s | %16s | %-14s | %10s | %-30s |\n", "what", "measured", "beside", "ratio", "bar"
          line = sprintf("%160s", ""); gsub(/ /, "-", line); print "|" substr(line, 1, 76) "|" substr(line, 1, 18) "|" substr(line, 1, 16) "|" substr(line, 1, 12) "|" substr(line, 1, 32) "|" }
  {
    gsub(/≥/, ">=", $6)  # mawk counts bytes
    name = $1; sub(/_bench$/, "", name)
    if (name ": " $2 != section) { flush(); section = name ": " $2; printf "| %-156s |\n", "**" section "**" }
    if ($3 ~ /^\.\.\. to / && ($5 == "%" || $5 == "times") && what != "" && ratio == "") {
      beside = substr($3, 8); sub(/^the /, "", beside); ratio = $4 " " $5; if ($6 != "") bar = bar (bar == "" ? "" : "; ") $6
      if ($6 ~ /held/) held++; if ($6 ~ /MISSED/) missed++
      next
    }
    above = $3 ~ /^\.\.\. / ? above : $3
    flush(); what = $3; sub(/^\.\.\. /, "  .. ", what); measured = $4 " " $5; beside = ratio = ""; bar = $6
    if ($6 ~ /held/) held++; if ($6 ~ /MISSED/) missed++
  }
  END { flush(); printf "\n%d bars held, %d missed\n", held, missed }
' "$rows"
[ "${#failed[@]}" -eq 0 ] || { printf 'ended with an error: %s\n' "${failed[*]}" >&2; exit 1; }
