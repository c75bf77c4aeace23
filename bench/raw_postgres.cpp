#include "bench/raw_postgres.hpp"

#include <poll.h>

#include <portfire/error.hpp>

namespace portfire::bench {

RawPostgres::RawPostgres(const std::string& url) : handle_{PQconnectdb(url.c_str())} {
  if (PQstatus(handle_) == CONNECTION_OK) return;
  const std::string words = PQerrorMessage(handle_);
  PQfinish(handle_);
  throw StorageError{words, {.operation = "bench"}};
}

bool RawPostgres::wait_for_news(std::chrono::milliseconds timeout) {
  pollfd waiting{.fd = PQsocket(handle_), .events = POLLIN, .revents = 0};
  if (poll(&waiting, 1, static_cast<int>(timeout.count())) <= 0) return false;
  if (PQconsumeInput(handle_) != 1) fail();
  PGnotify* const first = PQnotifies(handle_);
  for (PGnotify* one = first; one != nullptr; one = PQnotifies(handle_)) PQfreemem(one);
  return first != nullptr;
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
