#include "bench/postgresql_engine.hpp"

#include <string>

#include <portfire/error.hpp>

#include "bench/postgresql_floor.hpp"
#include "bench/postgresql_post.hpp"
#include "bench/raw_postgres.hpp"

namespace portfire::bench {

namespace {

// What autovacuum and the checkpointer would begin within a minute.
void settle(const Place& place) {
  RawPostgres database{place.native_url};
  const auto tables = database.execute(
      "SELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND relnamespace = '" + place.name +
      "'::regnamespace");
  for (int i = 0; i < PQntuples(tables.get()); ++i) {
    database.execute(std::string{"VACUUM (ANALYZE) "} + PQgetvalue(tables.get(), i, 0));
  }
  try {
    database.execute("CHECKPOINT");
  } catch (const StorageError&) {
    // Not everybody may.
    return;
  }
}

// Tables with their indexes; the partitions of one are one.
Sizes sizes(const Place& place) {
  RawPostgres database{place.native_url};
  const auto tables = database.execute(
      "SELECT coalesce(parent.relname, one.relname), sum(pg_total_relation_size(one.oid))"
      " FROM pg_class AS one LEFT JOIN pg_inherits ON inhrelid = one.oid"
      " LEFT JOIN pg_class AS parent ON parent.oid = inhparent"
      " WHERE one.relkind = 'r' AND one.relnamespace = '" +
      place.name +
      "'::regnamespace"
      " GROUP BY 1");
  Sizes sizes;
  for (int i = 0; i < PQntuples(tables.get()); ++i) {
    sizes[PQgetvalue(tables.get(), i, 0)] = std::stoull(PQgetvalue(tables.get(), i, 1));
  }
  return sizes;
}

// With a number of its own, as a transaction has that has written something.
std::shared_ptr<void> hold(const Place& place) {
  auto database = std::make_shared<RawPostgres>(place.native_url);
  database->execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
  database->execute("SELECT pg_current_xact_id(), count(*) FROM pg_class");
  return database;
}

}  // namespace

Engine postgresql_engine() {
  return {.floor = postgresql_floor,
          .settle = settle,
          .sizes = sizes,
          .hold = hold,
          .post = postgresql_post};
}

}  // namespace portfire::bench
