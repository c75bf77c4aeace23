#!/usr/bin/env bash
# Measures SQLite (durable and not), PostgreSQL (a server of its own, if the programs are there) and
# memory several times each and prints the medians beside the floors as the tables of
# docs/reference/performance.md. Where npm is, Graphile Worker stands beside PostgreSQL.
#
#   tools/bench.sh BINARY [STORAGE-URL …]
#
# Environment: RUNS (3), LONG_RUNS (1: of what takes minutes: backlog, held, steady), JOBS (100000),
# BACKLOG (1000000), HELD and STEADY (180 and 300 seconds), SERVERS (4), WORKERS (20), DIR (where
# the databases lie: build/bench; never a file system in memory, which says nothing about durable
# commits). A quick look:
#
#   RUNS=1 JOBS=10000 BACKLOG=10000 HELD=5 STEADY=5 make bench
set -euo pipefail

binary=${1:?usage: tools/bench.sh BINARY [STORAGE-URL …]}
shift
runs=${RUNS:-3}
long_runs=${LONG_RUNS:-1}
jobs=${JOBS:-100000}
backlog=${BACKLOG:-1000000}
held=${HELD:-180}
steady=${STEADY:-300}
servers=${SERVERS:-4}
workers=${WORKERS:-20}
mkdir -p "${DIR:=build/bench}"
directory=$(realpath "$(mktemp -d "$DIR/run-XXXXXX")")

say() { echo "bench: $*" >&2; }

# A PostgreSQL server on a socket in a directory of its own; servers refuse to run as root.
postgres_programs=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null |
  sort -V | tail -n 1 || true)
postgres_place=
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}
# start_postgres DIRECTORY: whether that was possible there. Paths may be closed to user postgres.
start_postgres() {
  postgres_place=$(mktemp -d "$1/postgres-XXXXXX") || return 1
  postgres_socket=$(mktemp -d /tmp/portfire-bench-XXXXXX) || return 1
  if [ "$(id -u)" -eq 0 ]; then
    chmod a+x "$1" && chown postgres "$postgres_place" "$postgres_socket" || return 1
  fi
  as_postgres "$postgres_programs/initdb" -D "$postgres_place/data" -U postgres -A trust \
    -E UTF8 --locale=C >/dev/null 2>&1 &&
    as_postgres "$postgres_programs/pg_ctl" -D "$postgres_place/data" -w \
      -l "$postgres_socket/log" start >/dev/null \
      -o "-k $postgres_socket -c listen_addresses= -c shared_buffers=1GB -c max_wal_size=8GB" &&
    return 0
  stop_postgres
  return 1
}
stop_postgres() {
  [ -n "$postgres_place" ] || return 0
  as_postgres "$postgres_programs/pg_ctl" -D "$postgres_place/data" -m immediate stop \
    >/dev/null 2>&1 || true
  rm -rf "$postgres_place" "$postgres_socket"
  postgres_place=
}
trap 'stop_postgres; rm -rf "$directory"' EXIT

urls=("$@")
if [ ${#urls[@]} -eq 0 ]; then
  urls=("sqlite:$directory/full.db" "sqlite:$directory/normal.db?durability=normal" memory:)
  if [ -z "$postgres_programs" ]; then
    say "no PostgreSQL below /usr/lib/postgresql; it is left out"
  elif start_postgres "$directory" || start_postgres /var/tmp; then
    urls+=("postgresql://postgres@/postgres?host=$postgres_socket")
  else
    say "no PostgreSQL server can be started in $directory or /var/tmp; it is left out"
  fi
fi

# measure RUNS URL NAME ARGUMENTS…: one report per run in NAME-N.json.
measure() {
  local count=$1 url=$2 name=$3 run
  shift 3
  for run in $(seq "$count"); do
    say "${url%%:*}, run $run of $count: $*"
    "$binary" bench --storage "$url" --workers "$workers" --json "$@" \
      >"$directory/$name-$run.json"
  done
}

# median NAME FILTER: of one figure over all runs; nothing when it was not measured.
median() {
  jq -rs "[.[] | $2 | values] | sort | if length == 0 then \"\" else .[length / 2 | floor] end" \
    "$directory/$1"-[0-9]*.json
}

# ratio A B: two digits, or nothing.
ratio() {
  if [ -n "$1" ] && [ -n "$2" ]; then awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; fi
}

# row TITLE VALUE FLOOR
row() { printf '| %s | %s | %s | %s |\n' "$1" "$2" "$3" "$(ratio "$2" "$3")"; }

# row_of TITLE NAME VALUE-FILTER [FLOOR-FILTER]
row_of() {
  local floor=
  [ -z "${4:-}" ] || floor=$(median "$2" "$4")
  row "$1" "$(median "$2" "$3")" "$floor"
}

# rate_rows NAME
rate_rows() {
  row_of "drain, jobs/s" "$1" .drain_per_s .floor.drain_per_s
  row_of "bulk enqueue, jobs/s" "$1" .bulk_enqueue_per_s .floor.bulk_enqueue_per_s
  row_of "enqueue, 1 thread, jobs/s" "$1" .enqueue_per_s .floor.enqueue_per_s
  # Where one connection can do no more, the floor is that of one.
  row_of "enqueue, 8 threads, jobs/s" "$1" .enqueue_8_threads_per_s \
    '.floor | .enqueue_8_threads_per_s // .enqueue_per_s'
}

# latency_rows TITLE NAME KEY
latency_rows() {
  row_of "$1 p50, ms" "$2" "$3.p50"
  row_of "$1 p95, ms" "$2" "$3.p95"
  row_of "$1 p99, ms" "$2" "$3.p99"
}

# memory_rows NAME
memory_rows() {
  row_of "CPU seconds, all of the above" "$1" .cpu_seconds
  row_of "resident, idle server, MiB" "$1-memory" .resident_mib.idle_server
  row_of "resident, first tenth of $backlog, MiB" "$1-memory" .resident_mib.drain_first_tenth
  row_of "resident, all of $backlog, MiB" "$1-memory" .resident_mib.drain_peak
}

# waiting_row NAME URL: the drain rate with many jobs waiting, beside that with 10,000.
waiting_row() {
  measure "$runs" "$2" "$1-small" --jobs 10000 --measure drain
  measure "$runs" "$2" "$1-large" --jobs "$backlog" --measure drain
  row "drain of $backlog waiting, jobs/s; *beside 10,000 waiting*" \
    "$(median "$1-large" .drain_per_s)" "$(median "$1-small" .drain_per_s)"
}

# process_rows NAME URL: what needs a server in a process of its own.
process_rows() {
  measure "$runs" "$2" "$1-processes" --jobs "$jobs" --servers "$servers" --measure apart,servers
  latency_rows "start latency between processes" "$1-processes" .start_latency_apart_ms
  row_of "drain by $servers server processes, jobs/s; *beside 1*" "$1-processes" \
    .servers.drain_by_all_per_s .servers.drain_by_one_per_s
}

# backlog_row NAME URL
backlog_row() {
  measure "$long_runs" "$2" "$1-backlog" --jobs "$jobs" --backlog "$backlog" --measure backlog
  row_of "drain in front of $backlog waiting, as many scheduled and finished, a tenth awaiting, \
jobs/s; *beside an empty storage*" "$1-backlog" .backlog.drain_full_per_s .backlog.drain_empty_per_s
}

# held_row NAME URL
held_row() {
  measure "$long_runs" "$2" "$1-held" --jobs "$jobs" --held "$held" --measure held
  row_of "drain after a transaction was held open for $held s, jobs/s; *beside before*" \
    "$1-held" .held.drain_held_per_s .held.drain_before_per_s
}

# steady_rows NAME URL
steady_rows() {
  local name=$1-steady table
  measure "$long_runs" "$2" "$name" --steady "$steady" --measure steady
  row_of "enqueue and run together for $steady s, last fifth, jobs/s; *beside the first*" "$name" \
    .steady.last_fifth_per_s .steady.first_fifth_per_s
  # All that is or becomes large; the history grows with the jobs that it keeps.
  for table in $(jq -r '.steady.end_mib | to_entries[] | select(.value >= 1) | .key' \
    "$directory/$name-1.json"); do
    row_of "size at the end, $table, MiB; *beside after the first fifth*" "$name" \
      ".steady.end_mib.\"$table\"" ".steady.first_fifth_mib.\"$table\""
  done
}

# graphile_row NAME URL: the same jobs drained by Graphile Worker, on the same server in the same
# run.
graphile_row() {
  local program=$directory/graphile_worker run
  if ! command -v npm >/dev/null; then
    say "no npm; Graphile Worker is left out"
    return
  fi
  cp -r "$(dirname "$0")/../bench/graphile_worker" "$program"
  if ! npm --prefix "$program" install --no-audit --no-fund --no-package-lock --silent >&2; then
    say "npm cannot install Graphile Worker; it is left out"
    return
  fi
  for run in $(seq "$runs"); do
    say "Graphile Worker, run $run of $runs"
    if ! node "$program/drain.mjs" "$2" "$jobs" >"$directory/$1-graphile-$run.json"; then
      say "Graphile Worker has failed; it is left out"
      return
    fi
  done
  row "drain, jobs/s; *beside Graphile Worker, which keeps no history*" \
    "$(median "$1" .drain_per_s)" "$(median "$1-graphile" .drain_per_s)"
}

# heading NAME URL
heading() {
  local shown=${2/$directory\//} disk
  [ -z "$postgres_place" ] || shown=${shown/$postgres_socket/…}
  disk=$(median "$1" .fsync_us_p50)
  [ -z "$disk" ] || disk="; file system $(median "$1" .filesystem), fsync p50 $disk µs"
  echo
  echo "### $shown"
  echo
  echo "$jobs jobs, $workers workers, median of $runs runs$disk."
  echo
  echo "| | Portfire | floor | ratio |"
  echo "|---|---:|---:|---:|"
}

for i in "${!urls[@]}"; do
  url=${urls[$i]}
  name=storage-$i
  measure "$runs" "$url" "$name" --jobs "$jobs" --floor
  # Right after the rates that it stands beside.
  case $url in postgres*) rival=$(graphile_row "$name" "$url") ;; *) rival= ;; esac
  measure "$runs" "$url" "$name-memory" --jobs "$backlog" --measure memory
  heading "$name" "$url"
  rate_rows "$name"
  [ -z "$rival" ] || echo "$rival"
  row_of "one thread wakes another p50, µs" "$name" .floor.wake_up_us_p50
  latency_rows "start latency" "$name" .start_latency_ms
  memory_rows "$name"
  waiting_row "$name" "$url"
  case $url in memory:*) continue ;; esac
  process_rows "$name" "$url"
  backlog_row "$name" "$url"
  case $url in postgres*) held_row "$name" "$url" ;; esac
  steady_rows "$name" "$url"
done
