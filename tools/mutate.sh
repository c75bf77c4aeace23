#!/usr/bin/env bash
# Proves the simulator: breaks the library in the ways that tests/simulation/mutations/ holds, one
# at a time and in a copy, and tells which seed finds each.
#
#   tools/mutate.sh [PATCH…]       at most SEEDS=20000 for each
#
# Prints rows for the table of docs/internals/simulation.md. Fails when one is not found.
set -euo pipefail
cd "$(dirname "$0")/.."

seeds=${SEEDS:-20000}
copy=build/mutate/source
build=build/mutate/build
mkdir -p "$copy"
rm -rf "${copy:?}"/*
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -p -t "$copy"
cmake -S "$copy" -B "$build" -G Ninja -D CMAKE_BUILD_TYPE=Debug -D CMAKE_CXX_FLAGS_DEBUG=-O1 \
  -D PORTFIRE_UNITY=ON -D PORTFIRE_DASHBOARD_UI=OFF >/dev/null
cmake --build "$build" --target simulate >/dev/null

patches=("$@")
[ ${#patches[@]} -gt 0 ] || patches=(tests/simulation/mutations/*.patch)
missed=0
for patch in "${patches[@]}"; do
  name=$(basename "$patch" .patch)
  name=${name#*_}
  patch --quiet --strip 1 --directory "$copy" <"$patch"
  cmake --build "$build" --target simulate >/dev/null
  answer=$("$build/bin/simulate" --seeds "$seeds" || true)
  patch --quiet --reverse --strip 1 --directory "$copy" <"$patch"
  if grep --quiet 'seed [0-9]* fails' <<<"$answer"; then
    what=$(grep --only-matching 'seed [0-9]* fails: .*' <<<"$answer" | head -n 1)
    least=$(grep --only-matching 'replay it: .*' <<<"$answer" | head -n 1)
    seed=$(sed -E 's/seed ([0-9]+) fails.*/\1/' <<<"$what")
    echo "| ${name//_/ } | $seed | ${what#*fails: } | \`${least#replay it: }\` |"
  else
    echo "| ${name//_/ } | not found in $seeds seeds | | |"
    missed=$((missed + 1))
  fi
done
[ "$missed" -eq 0 ]
