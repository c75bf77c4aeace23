#include "bench/raw_postgres.hpp"

#include <portfire/error.hpp>

namespace portfire::bench {

RawPostgres::RawPostgres(const std::string& url) : handle_{PQconnectdb(url.c_str())} {
  if (PQstatus(handle_) == CONNECTION_OK) return;
  const std::string words = PQerrorMessage(handle_);
  PQfinish(handle_);
  throw StorageError{words, {.operation = "bench"}};
}

void RawPostgres::copy(const std::string& target, const std::string& rows) {
  execute("COPY " + target + " FROM STDIN");
  if (PQputCopyData(handle_, rows.data(), static_cast<int>(rows.size())) != 1 ||
      PQputCopyEnd(handle_, nullptr) != 1) {
    fail();
  }
  while (PGresult* result = PQgetResult(handle_)) checked(result);
}

RawPostgres::Result RawPostgres::checked(PGresult* result) {
  Result owned{result};
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_IN) fail();
  return owned;
}

void RawPostgres::fail() { throw StorageError{PQerrorMessage(handle_), {.operation = "bench"}}; }

}  // namespace portfire::bench
