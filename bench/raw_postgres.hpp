#pragma once

// A connection to PostgreSQL as libpq has it, for floors and for looking behind a storage.

#include <libpq-fe.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace portfire::bench {

// One thread. Everything throws StorageError with the server's words.
class RawPostgres {
 public:
  struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Result = std::unique_ptr<PGresult, ClearResult>;

  explicit RawPostgres(const std::string& url);
  ~RawPostgres() { PQfinish(handle_); }
  RawPostgres(const RawPostgres&) = delete;
  RawPostgres& operator=(const RawPostgres&) = delete;

  Result execute(const std::string& sql) { return checked(PQexec(handle_, sql.c_str())); }

  void prepare(const char* name, const std::string& sql) {
    checked(PQprepare(handle_, name, sql.c_str(), 0, nullptr));
  }
  template <std::size_t count>
  Result run(const char* name, const std::array<std::string, count>& parameters) {
    std::array<const char*, count> texts{};
    for (std::size_t i = 0; i < count; ++i) texts[i] = parameters[i].c_str();
    return checked(PQexecPrepared(handle_, name, count, texts.data(), nullptr, nullptr, 0));
  }

  // Whether a notification came in time.
  bool wait_for_news(std::chrono::milliseconds timeout);

  // `rows` as COPY reads text.
  void copy(const std::string& target, const std::string& rows);

 private:
  Result checked(PGresult* result);
  [[noreturn]] void fail();

  PGconn* const handle_;
};

}  // namespace portfire::bench
