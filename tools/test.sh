#!/usr/bin/env bash
# Everything that must hold, from clean: the whole test suite with the system's compiler, then the
# suites that touch threads and memory under the sanitizers. Both sanitizer builds use clang, so the
# library is also proven free of clang's warnings. The last line is `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

jobs=$(nproc)
passed=0
failed=0
broken=()

# count REPORT: adds the figures of a ctest run, read from the report that it wrote.
count() {
  local report=$1 header tests failures disabled skipped
  header=$(tr '\n\t' '  ' <"$report" | grep -o '<testsuite [^>]*>' | head -n 1)
  tests=$(sed -E 's/.* tests="([0-9]+)".*/\1/' <<<"$header")
  failures=$(sed -E 's/.* failures="([0-9]+)".*/\1/' <<<"$header")
  disabled=$(sed -E 's/.* disabled="([0-9]+)".*/\1/' <<<"$header")
  skipped=$(sed -E 's/.* skipped="([0-9]+)".*/\1/' <<<"$header")
  passed=$((passed + tests - failures - disabled - skipped))
  failed=$((failed + failures))
}

# stage PRESET: configures, builds and tests one preset, in groups of files and with line numbers as
# the only debug information, which takes a third of the time. The cheapest one compiles the library
# file by file, as its users do. What does not build counts as one failure.
stage() {
  local preset=$1 report=build/$1/report.xml started=$SECONDS groups=ON
  [ "$preset" != tsan ] || groups=TESTS
  echo "== $preset"
  rm -f "$report"
  if ! cmake --preset "$preset" -D PORTFIRE_UNITY=$groups -D CMAKE_CXX_FLAGS_DEBUG=-g1 ||
    ! cmake --build --preset "$preset" --parallel "$jobs"; then
    failed=$((failed + 1))
    broken+=("$preset does not build")
    return
  fi
  echo "== $preset built after $((SECONDS - started)) s"
  local before=$failed ended=0
  # Tests wait for processes and disks more than they compute.
  ctest --preset "$preset" --parallel $((jobs + 1)) --output-junit "$PWD/$report" || ended=$?
  [ ! -f "$report" ] || count "$report"
  if [ "$ended" -ne 0 ]; then
    broken+=("$preset has failures")
    # A test that could not even start is not in the report's figure.
    [ "$failed" -gt "$before" ] || failed=$((failed + 1))
  fi
  echo "== $preset done after $((SECONDS - started)) s"
}

presets=("$@")
[ ${#presets[@]} -gt 0 ] || presets=(dev asan tsan)
for preset in "${presets[@]}"; do stage "$preset"; done

for line in "${broken[@]}"; do echo "== $line"; done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
