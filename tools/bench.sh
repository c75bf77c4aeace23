#!/usr/bin/env bash
# Measures SQLite (durable and not), PostgreSQL (a server of its own, if the programs are there) and
# memory three times each and prints the medians beside the floors as the tables of
# docs/reference/performance.md. Where npm is, Graphile Worker stands beside PostgreSQL.
#
#   tools/bench.sh BINARY [STORAGE-URL …]
#
# Environment: RUNS (3), JOBS (100000), BACKLOG (1000000), WORKERS (20), DIR (where the databases
# lie: build/bench; never a file system in memory, which says nothing about durable commits).
set -euo pipefail

binary=${1:?usage: tools/bench.sh BINARY [STORAGE-URL …]}
shift
runs=${RUNS:-3}
jobs=${JOBS:-100000}
backlog=${BACKLOG:-1000000}
workers=${WORKERS:-20}
mkdir -p "${DIR:=build/bench}"
directory=$(realpath "$(mktemp -d "$DIR/run-XXXXXX")")

# A PostgreSQL server on a socket in a directory of its own; servers refuse to run as root.
postgres_programs=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null |
  sort -V | tail -n 1)
postgres_data=$directory/postgres
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}
start_postgres() {
  mkdir "$postgres_data"
  postgres_socket=$(mktemp -d /tmp/portfire-bench-XXXXXX)
  if [ "$(id -u)" -eq 0 ]; then
    chmod a+x "$directory"
    chown postgres "$postgres_data" "$postgres_socket"
  fi
  as_postgres "$postgres_programs/initdb" -D "$postgres_data" -U postgres -A trust -E UTF8 \
    --locale=C >/dev/null
  as_postgres "$postgres_programs/pg_ctl" -D "$postgres_data" -w -l "$postgres_socket/log" start \
    -o "-k $postgres_socket -c listen_addresses= -c shared_buffers=1GB -c max_wal_size=8GB" \
    >/dev/null
}
stop_postgres() {
  [ -n "${postgres_socket:-}" ] || return 0
  as_postgres "$postgres_programs/pg_ctl" -D "$postgres_data" -m immediate stop >/dev/null || true
  rm -rf "$postgres_socket"
}
trap 'stop_postgres; rm -rf "$directory"' EXIT

urls=("$@")
if [ ${#urls[@]} -eq 0 ]; then
  urls=("sqlite:$directory/full.db" "sqlite:$directory/normal.db?durability=normal" memory:)
  # A path above this one may be closed to user postgres; then there is nothing to measure with.
  if [ -n "$postgres_programs" ] && start_postgres; then
    urls+=("postgresql://postgres@/postgres?host=$postgres_socket")
  fi
fi

# measure URL NAME ARGUMENTS…: one report per run in NAME-N.json.
measure() {
  local url=$1 name=$2
  shift 2
  for run in $(seq "$runs"); do
    echo "$name, run $run of $runs" >&2
    "$binary" bench --storage "$url" --workers "$workers" --json "$@" \
      >"$directory/$name-$run.json"
  done
}

# median NAME FILTER: of one figure over all runs; nothing when it was not measured.
median() {
  jq -rs "[.[] | $2 | values] | sort | if length == 0 then \"\" else .[length / 2 | floor] end" \
    "$directory/$1"-*.json
}

# ratio A B: two digits, or nothing.
ratio() {
  if [ -n "$1" ] && [ -n "$2" ]; then awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; fi
}

# row TITLE VALUE FLOOR
row() { printf '| %s | %s | %s | %s |\n' "$1" "$2" "$3" "$(ratio "$2" "$3")"; }

# rate_rows NAME
rate_rows() {
  local name=$1
  row "drain, jobs/s" "$(median "$name" .drain_per_s)" "$(median "$name" .floor.drain_per_s)"
  row "bulk enqueue, jobs/s" "$(median "$name" .bulk_enqueue_per_s)" \
    "$(median "$name" .floor.bulk_enqueue_per_s)"
  row "enqueue, 1 thread, jobs/s" "$(median "$name" .enqueue_per_s)" \
    "$(median "$name" .floor.enqueue_per_s)"
  row "enqueue, 8 threads, jobs/s" "$(median "$name" .enqueue_8_threads_per_s)" \
    "$(median "$name" .floor.enqueue_per_s)"
}

# other_rows NAME
other_rows() {
  local name=$1 key
  for key in p50 p95 p99; do
    row "start latency $key, ms" "$(median "$name" ".start_latency_ms.$key")" ""
  done
  row "CPU seconds, all of the above" "$(median "$name" .cpu_seconds)" ""
  row "resident, idle server, MiB" "$(median "$name-memory" .resident_mib.idle_server)" ""
  row "resident, first tenth of $backlog, MiB" \
    "$(median "$name-memory" .resident_mib.drain_first_tenth)" ""
  row "resident, all of $backlog, MiB" "$(median "$name-memory" .resident_mib.drain_peak)" ""
}

# backlog_row NAME URL: the drain rate with the backlog waiting, beside that with 10,000.
backlog_row() {
  measure "$2" "$1-small" --jobs 10000 --measure drain
  measure "$2" "$1-large" --jobs "$backlog" --measure drain
  row "drain of $backlog waiting, jobs/s; *beside 10,000 waiting*" \
    "$(median "$1-large" .drain_per_s)" "$(median "$1-small" .drain_per_s)"
}

# graphile_row NAME URL: the same jobs drained by Graphile Worker, on the same server in the same
# run.
graphile_row() {
  command -v npm >/dev/null || return 0
  local program=$directory/graphile_worker
  if [ ! -d "$program" ]; then
    cp -r "$(dirname "$0")/../bench/graphile_worker" "$program"
    npm --prefix "$program" install --no-audit --no-fund --no-package-lock --silent >&2 || return 0
  fi
  for run in $(seq "$runs"); do
    echo "$1, Graphile Worker, run $run of $runs" >&2
    node "$program/drain.mjs" "$2" "$jobs" >"$directory/$1-graphile-$run.json"
  done
  row "drain, jobs/s; *beside Graphile Worker, which keeps no history*" \
    "$(median "$1" .drain_per_s)" "$(median "$1-graphile" .drain_per_s)"
}

for i in "${!urls[@]}"; do
  url=${urls[$i]}
  name=storage-$i
  measure "$url" "$name" --jobs "$jobs" --floor
  measure "$url" "$name-memory" --jobs "$backlog" --measure memory
  url_shown=${url/$directory\//}
  [ -z "${postgres_socket:-}" ] || url_shown=${url_shown/$postgres_socket/…}
  echo
  echo "### $url_shown"
  echo
  disk=$(median "$name" .fsync_us_p50)
  [ -z "$disk" ] || disk="; file system $(median "$name" .filesystem), fsync p50 $disk µs"
  echo "$jobs jobs, $workers workers, median of $runs runs$disk."
  echo
  echo "| | Portfire | floor | ratio |"
  echo "|---|---:|---:|---:|"
  rate_rows "$name"
  other_rows "$name"
  backlog_row "$name" "$url"
  case $url in postgres*) graphile_row "$name" "$url" ;; esac
done
