#!/usr/bin/env bash
# Measures storages with the command given, each beside its floor. The database lies under build/,
# on a real disk: figures from a file system in memory say nothing about durable commits.
#
#   tools/bench.sh PORTFIRE [URL …]
set -euo pipefail

portfire=$1
shift
mkdir -p build/bench
urls=("$@")
[ ${#urls[@]} -gt 0 ] || urls=(memory: sqlite:build/bench/jobs.db)

for url in "${urls[@]}"; do
  # Every run starts empty.
  rm -f build/bench/jobs.db*
  "$portfire" bench --storage "$url" --floor --json
done
