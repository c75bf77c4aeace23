#!/usr/bin/env bash
# Measures SQLite (durable and not), PostgreSQL and Redis (servers of its own, if the programs are
# there) and memory several times each and prints the medians beside the floors as the tables of
# docs/reference/performance.md. Where npm is, Graphile Worker stands beside PostgreSQL and BullMQ
# beside Redis; where ruby-sidekiq is, Sidekiq does too.
#
#   tools/bench.sh BINARY [STORAGE-URL …]
#
# Environment: RUNS (3), LONG_RUNS (1: of what takes minutes: backlog, time, held, steady), JOBS
# (100000), BACKLOG (1000000), DEFINITIONS (100000), HELD and STEADY (180 and 300 seconds), SERVERS
# (4), WORKERS (20), DIR (where the databases lie: build/bench; never a file system in memory, which
# says nothing about durable commits). A quick look:
#
#   RUNS=1 JOBS=10000 BACKLOG=10000 DEFINITIONS=1000 HELD=5 STEADY=5 make bench
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
definitions=${DEFINITIONS:-100000}
workers=${WORKERS:-20}
mkdir -p "${DIR:=build/bench}"
directory=$(realpath "$(mktemp -d "$DIR/run-XXXXXX")")

say() { echo "bench: $*" >&2; }

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/bench_servers.sh"
trap 'stop_postgres; stop_redis; rm -rf "$directory"' EXIT

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
  if ! command -v redis-server >/dev/null; then
    say "no redis-server; Redis is left out"
  elif start_redis "$directory"; then
    urls+=("redis+unix://$redis_socket/socket")
  else
    say "no Redis server can be started in $directory; it is left out"
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

# latency_rows TITLE NAME KEY [FLOOR-KEY]
latency_rows() {
  local percentile
  for percentile in p50 p95 p99; do
    row_of "$1 $percentile, ms" "$2" "$3.$percentile" ${4:+"$4.$percentile"}
  done
}

# memory_rows NAME URL
memory_rows() {
  row_of "CPU seconds, all of the above" "$1" .cpu_seconds
  row_of "resident, idle server, MiB" "$1-memory" .resident_mib.idle_server
  row_of "resident, first tenth of $backlog, MiB" "$1-memory" .resident_mib.drain_first_tenth
  row_of "resident, all of $backlog, MiB" "$1-memory" .resident_mib.drain_peak
  case $2 in redis*) ;; *) return 0 ;; esac
  row_of "memory in Redis per waiting job, bytes" "$1-memory" .stored_bytes_per_job.waiting
  row_of "memory in Redis per finished job, bytes" "$1-memory" .stored_bytes_per_job.finished
}

# waiting_row NAME URL: the drain rate with many jobs waiting, beside that with 10,000.
waiting_row() {
  measure "$runs" "$2" "$1-small" --jobs 10000 --measure drain
  measure "$runs" "$2" "$1-large" --jobs "$backlog" --measure drain
  row "drain of $backlog waiting, jobs/s; *beside 10,000 waiting*" \
    "$(median "$1-large" .drain_per_s)" "$(median "$1-small" .drain_per_s)"
}

# batch_rows NAME URL: what it costs that jobs are members of a batch.
batch_rows() {
  measure "$runs" "$2" "$1-batch" --jobs "$jobs" --measure batch
  row_of "create a batch of $jobs, jobs/s; *beside the same jobs alone*" "$1-batch" \
    .batch.create_members_per_s .batch.create_alone_per_s
  row_of "drain it, jobs/s; *beside the same jobs alone*" "$1-batch" \
    .batch.drain_members_per_s .batch.drain_alone_per_s
}

# time_rows NAME URL: what time brings: scheduled jobs that fall due at once, and recurring ones.
time_rows() {
  measure "$long_runs" "$2" "$1-time" --backlog "$backlog" --definitions "$definitions" \
    --measure due,recurring
  row_of "$backlog scheduled jobs fall due at once and move to their queue, jobs/s" "$1-time" \
    .due.promote_per_s
  row_of "$definitions recurring jobs, each every 100 s: run, jobs/s; *beside due*" "$1-time" \
    .recurring.run_per_s .recurring.due_per_s
  latency_rows "… how late they run" "$1-time" .recurring.late_ms
}

# process_rows NAME URL: what needs a server in a process of its own.
process_rows() {
  measure "$runs" "$2" "$1-processes" --jobs "$jobs" --servers "$servers" --measure servers
  case $2 in
  sqlite*) measure "$runs" "$2" "$1-apart" --measure apart ;;
  *) measure "$runs" "$2" "$1-apart" --jobs 1000 --measure apart --floor ;;
  esac
  latency_rows "start latency between processes" "$1-apart" .start_latency_apart_ms \
    .floor.start_latency_apart_ms
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

# dashboard_rows NAME URL WAITING: of the slowest page, too.
dashboard_rows() {
  measure "$long_runs" "$2" "$1-dashboard" --jobs "$jobs" --backlog "$3" --measure dashboard
  row_of "dashboard in front of $3 waiting, ten times as many finished: overview p95, ms" \
    "$1-dashboard" .dashboard.pages_ms.overview.p95
  row_of "… the slowest page p95, ms" "$1-dashboard" "[.dashboard.pages_ms[].p95] | max"
  row_of "drain while 50 viewers watch, jobs/s; *beside nobody*" "$1-dashboard" \
    .dashboard.watched_per_s .dashboard.unwatched_per_s
}

# rival_row NAME RIVAL REMARK COMMAND…: the same jobs drained by another system, on the same server
# in the same run. The command prints a report.
rival_row() {
  local name=$1 rival=$2 remark=$3 run
  local file=$name-${rival// /-}
  shift 3
  for run in $(seq "$runs"); do
    say "$rival, run $run of $runs"
    if ! "$@" >"$directory/$file-$run.json"; then
      say "$rival has failed; it is left out"
      return
    fi
  done
  row "drain, jobs/s; *beside $rival, $remark*" "$(median "$name" .drain_per_s)" \
    "$(median "$file" .drain_per_s)"
}

# npm_program FOLDER TITLE: puts a program of bench/ and its packages below $directory, if that is
# possible.
npm_program() {
  if ! command -v npm >/dev/null; then
    say "no npm; $2 is left out"
    return 1
  fi
  rm -rf "${directory:?}/$1"
  cp -r "$(dirname "$0")/../bench/$1" "$directory/$1"
  npm --prefix "$directory/$1" install --no-audit --no-fund --no-package-lock --silent >&2 && return
  say "npm cannot install $2; it is left out"
  return 1
}

# rivals_on_postgres NAME URL
rivals_on_postgres() {
  npm_program graphile_worker "Graphile Worker" || return 0
  rival_row "$1" "Graphile Worker" "which keeps no history" \
    node "$directory/graphile_worker/drain.mjs" "$2" "$jobs"
}

# rivals_on_redis NAME URL
rivals_on_redis() {
  local server=${2#redis+unix://}
  server=${server%%\?*}
  if command -v ruby >/dev/null && ruby -e 'require "sidekiq"' 2>/dev/null; then
    rival_row "$1" Sidekiq "which keeps no history" \
      ruby "$(dirname "$0")/../bench/sidekiq/drain.rb" "$server" "$jobs"
  else
    say "no Sidekiq; it is left out"
  fi
  npm_program bullmq BullMQ || return 0
  rival_row "$1" BullMQ "history kept" node "$directory/bullmq/drain.mjs" "$server" "$jobs"
}

# heading NAME URL
heading() {
  local shown=${2/$directory\//} disk
  [ -z "$postgres_place" ] || shown=${shown/$postgres_socket/…}
  [ -z "$redis_place" ] || shown=${shown/$redis_socket/…}
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
  case $url in
    postgres*) rivals=$(rivals_on_postgres "$name" "$url") ;;
    redis*) rivals=$(rivals_on_redis "$name" "$url") ;;
    *) rivals= ;;
  esac
  measure "$runs" "$url" "$name-memory" --jobs "$backlog" --measure memory
  heading "$name" "$url"
  rate_rows "$name"
  [ -z "$rivals" ] || echo "$rivals"
  row_of "one thread wakes another p50, µs" "$name" .floor.wake_up_us_p50
  latency_rows "start latency" "$name" .start_latency_ms
  memory_rows "$name" "$url"
  waiting_row "$name" "$url"
  batch_rows "$name" "$url"
  time_rows "$name" "$url"
  case $url in memory:*) continue ;; esac
  process_rows "$name" "$url"
  backlog_row "$name" "$url"
  case $url in
    sqlite*) dashboard_rows "$name" "$url" $((backlog / 10)) ;;
    postgres*) dashboard_rows "$name" "$url" "$backlog" ;;
  esac
  case $url in postgres*) held_row "$name" "$url" ;; esac
  steady_rows "$name" "$url"
done
