#!/usr/bin/env bash
# Proves the simulator: breaks the library in the ways that tests/simulation/mutations/ holds, one
# at a time and in a copy, and tells which seed finds each.
#
#   tools/mutate.sh [PATCH…]       at most SEEDS=20000 for each
#   tools/mutate.sh --check        whether all of them still apply; builds nothing
#
# Prints rows for the table of docs/internals/simulation.md. Fails when one is not found, and when
# a seed that finds one fails without it as well.
set -euo pipefail
cd "$(dirname "$0")/.."

# Git is to take the files as they are, whoever owns them and whatever repository they lie in.
applies() { GIT_DIR=/nonexistent git apply --check "$1"; }

if [ "${1:-}" = --check ]; then
  stale=0
  for patch in tests/simulation/mutations/*.patch; do
    applies "$patch" || { echo "$patch does not apply any more" >&2 && stale=$((stale + 1)); }
  done
  [ "$stale" -eq 0 ]
  exit
fi

seeds=${SEEDS:-20000}
copy=build/mutate/source
build=build/mutate/build
log=$PWD/build/mutate/build.log
mkdir -p "$copy"

# Only what differs is copied, and with a new date: what was built is built again where its source
# is another one, and only there.
mapfile -d '' -t files < <(git ls-files -z --cached --others --exclude-standard)
find "$copy" -type f -printf '%P\0' | sort -z |
  comm -z -23 - <(printf '%s\0' "${files[@]}" | sort -z) | (cd "$copy" && xargs -0 -r rm --)
for file in "${files[@]}"; do
  [ -f "$file" ] || continue
  cmp --silent "$file" "$copy/$file" && continue
  mkdir -p "$copy/$(dirname "$file")"
  cp "$file" "$copy/$file"
done

# build WHAT: says why where it does not.
build() {
  cmake --build "$build" --target simulate >"$log" 2>&1 && return
  echo "$1 does not build:" >&2
  tail -n 40 "$log" >&2
  return 1
}
cmake -S "$copy" -B "$build" -G Ninja -D CMAKE_BUILD_TYPE=Debug -D CMAKE_CXX_FLAGS_DEBUG=-O1 \
  -D PORTFIRE_UNITY=ON -D PORTFIRE_DASHBOARD_UI=OFF >/dev/null
build "the library as it is"
whole=build/mutate/simulate
cp "$build/bin/simulate" "$whole"
"$whole" --seeds 1000 >"$log" || { cat "$log" >&2 && exit 1; }

patches=("$@")
[ ${#patches[@]} -gt 0 ] || patches=(tests/simulation/mutations/*.patch)
missed=0
for patch in "${patches[@]}"; do
  name=$(basename "$patch" .patch)
  name=${name#*_}
  patch --quiet --fuzz=0 --strip 1 --directory "$copy" <"$patch"
  build "$patch"
  answer=$("$build/bin/simulate" --seeds "$seeds" || true)
  patch --quiet --reverse --strip 1 --directory "$copy" <"$patch"
  if grep --quiet 'seed [0-9]* fails' <<<"$answer"; then
    what=$(grep --only-matching 'seed [0-9]* fails: .*' <<<"$answer" | head -n 1)
    least=$(grep --only-matching 'replay it: .*' <<<"$answer" | head -n 1)
    seed=$(sed -E 's/seed ([0-9]+) fails.*/\1/' <<<"$what")
    if ! "$whole" --seed "$seed" --quiet >"$log"; then
      echo "| ${name//_/ } | seed $seed fails without it too | | |"
      missed=$((missed + 1))
      continue
    fi
    echo "| ${name//_/ } | $seed | ${what#*fails: } | \`${least#replay it: }\` |"
  else
    echo "| ${name//_/ } | not found in $seeds seeds | | |"
    missed=$((missed + 1))
  fi
done
[ "$missed" -eq 0 ]
