# Servers that tools/bench.sh measures on: each on a socket and in a directory of its own. To be
# sourced.

# PostgreSQL. Its servers refuse to run as root.
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

# Redis. Every change is appended to a file, which reaches the disk each second; that it is written
# anew when it has doubled is put off to larger ones, as PostgreSQL's checkpoints are.
redis_place=
# start_redis DIRECTORY: whether that was possible there.
start_redis() {
  redis_place=$(mktemp -d "$1/redis-XXXXXX") || return 1
  redis_socket=$(mktemp -d /tmp/portfire-bench-XXXXXX) || return 1
  redis-server --port 0 --unixsocket "$redis_socket/socket" --dir "$redis_place" \
    --appendonly yes --appendfsync everysec --save "" --auto-aof-rewrite-min-size 1gb \
    --daemonize yes --logfile "$redis_place/log" >/dev/null &&
    for _ in $(seq 100); do
      [ "$(redis-cli -s "$redis_socket/socket" ping 2>/dev/null)" != PONG ] || return 0
      sleep 0.1
    done
  stop_redis
  return 1
}
stop_redis() {
  [ -n "$redis_place" ] || return 0
  redis-cli -s "$redis_socket/socket" shutdown nosave >/dev/null 2>&1 || true
  rm -rf "$redis_place" "$redis_socket"
  redis_place=
}
