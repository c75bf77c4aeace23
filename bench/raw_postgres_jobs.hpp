#pragma once

// The tables of PostgreSQL's floor and what is done with them.

#include <cstddef>
#include <cstdint>
#include <string>

#include "bench/raw_postgres.hpp"

namespace portfire::bench {

// A schema with the tables, removed at the end. One thread.
class RawSchema {
 public:
  // Replaces one of this name that somebody has left behind.
  RawSchema(const std::string& url, std::string name);
  ~RawSchema();
  RawSchema(const RawSchema&) = delete;
  RawSchema& operator=(const RawSchema&) = delete;

  RawPostgres& database() { return database_; }
  void execute(const std::string& sql) { database_.execute(sql); }

 private:
  RawPostgres database_;
  const std::string name_;
};

// Lets a connection use the tables, and plan for them as they change: faster than statistics do.
void use_raw_schema(RawPostgres& database, const std::string& name);

// Claims and ends jobs. One thread; outlived by the connection, which uses the schema.
class RawPostgresJobs {
 public:
  explicit RawPostgresJobs(RawPostgres& database);

  // Creates them, as quickly as can be.
  void copy(std::size_t count);

  // Claims up to so many. Returns how many there were.
  std::size_t claim(std::size_t max);
  // Ends what was claimed last, as Succeeded.
  void finish();

 private:
  RawPostgres& database_;
  RawPostgres::Result claimed_;
  std::uint64_t serial_ = 0;
  std::uint64_t claim_ = 0;
};

}  // namespace portfire::bench
