#!/usr/bin/env bash
# Lets every fuzzer search for a share of so many minutes, one for each processor at a time, from
# the seeds in tests/fuzz/corpus and from what earlier searches found, which is kept below build/.
#
#   tools/fuzz.sh MINUTES [FUZZER …]       with the chance of SEED, or with another one each time
#
# An input that breaks something is named at the end. Once the cause is mended, the input goes to
# tests/fuzz/corpus/FUZZER, where `make test` tries it for ever.
set -euo pipefail
cd "$(dirname "$0")/.."

minutes=$1
shift
cmake --preset asan -D PORTFIRE_UNITY=ON -D CMAKE_CXX_FLAGS_DEBUG=-g1 >/dev/null
cmake --build --preset asan --target fuzzers

fuzzers=("$@")
[ ${#fuzzers[@]} -gt 0 ] || mapfile -t fuzzers < <(ls tests/fuzz/corpus)
seconds=$((minutes * 60 * $(nproc) / ${#fuzzers[@]} + 1))
seed=${SEED:-$((RANDOM * 32768 + RANDOM + 1))}
echo "seed $seed, $seconds s each"
found=$PWD/build/asan/tests/fuzz/found

# search FUZZER: exits with an error where something was found.
search() {
  local fuzzer=$1
  mkdir -p "$found/$fuzzer"
  build/asan/bin/"fuzz_$fuzzer" "-seed=$seed" "-max_total_time=$seconds" -timeout=30 \
    -print_final_stats=1 "-artifact_prefix=$found-$fuzzer-" \
    "$found/$fuzzer" "tests/fuzz/corpus/$fuzzer" \
    >"$found/$fuzzer.log" 2>&1 && echo "$fuzzer: $(grep -o 'executed_units: *[0-9]*' \
    "$found/$fuzzer.log" | grep -o '[0-9]*$') runs, nothing found" && return
  echo "$fuzzer: broken; see $found/$fuzzer.log"
  grep -o "Test unit written to .*" "$found/$fuzzer.log" || true
  return 1
}
export -f search
export found seconds seed

mkdir -p "$found"
printf '%s\n' "${fuzzers[@]}" | xargs -P "$(nproc)" -I '{}' bash -c 'search {}'
