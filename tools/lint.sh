#!/usr/bin/env bash
# clang-tidy over our sources, and the rules of the tree that no compiler knows.
#   lint.sh BUILD [FILE…]     without files: all sources but tests
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
shift
failed=0

tools/layers.sh || failed=1

files=("$@")
[ "${#files[@]}" -gt 0 ] || mapfile -t files < <(git ls-files 'src/*.cc' | grep -vE '_(test|bench|fuzz)\.cc$')
# clang knows neither GCC's precompiled headers nor all its warning names.
database=$(mktemp -d)
trap 'rm -rf "$database"' EXIT
sed -E -e "s#-include [^ ]*/cmake_pch\.hxx#-include $PWD/cmake/pch.h#g" \
  -e 's/ -Winvalid-pch| -Wno-(restrict|stringop-overflow|stringop-overread|maybe-uninitialized|array-bounds)//g' \
  "$build/compile_commands.json" >"$database/compile_commands.json"
echo "lint: clang-tidy over ${#files[@]} files"
printf '%s\0' "${files[@]}" | xargs -0 -n 4 -P "$(nproc)" clang-tidy -p "$database" --quiet 2>/dev/null || failed=1
[ "$failed" = 0 ] && echo "lint: clean"
exit "$failed"
