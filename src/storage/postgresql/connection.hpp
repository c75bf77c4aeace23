#pragma once

// One connection to the database, its statements prepared once each, and its errors as exceptions.

#include <bitset>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "storage/postgresql/parameters.hpp"
#include "storage/postgresql/result.hpp"
#include "storage/postgresql/settings.hpp"
#include "storage/postgresql/waiting.hpp"

struct pg_conn;

namespace portfire::postgresql {

// A statement with its values.
struct Statement {
  Query query;
  Parameters parameters;
};

// Every call sends and waits for the answer; errors are those of `errors.hpp`. A connection on
// which an answer was not waited for to its end is of no more use. Threads: one at a time.
class Connection {
 public:
  // Connects. Throws a `DatabaseError`. `settings` outlives the connection.
  explicit Connection(const Settings& settings, const char* operation = "connect",
                      const Limits& limits = {});
  // Speaks on a connection of somebody else's, which outlives it, waits there without a limit and
  // leaves no statement prepared.
  Connection(const Settings& settings, pg_conn* borrowed);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // One of the embedded statements; a transaction of its own unless one is open.
  template <class... Values>
  Result run(Query query, const Values&... values) {
    return run(Statement{query, Parameters::of(values...)});
  }
  Result run(const Statement& statement);

  // Several, in one round trip and, unless a transaction is open, one transaction: all or none.
  std::vector<Result> run_together(std::span<const Statement> statements);

  // A statement composed by the caller (`Settings::expanded` is applied); never prepared.
  Result ask(std::string_view sql, const Parameters& parameters = {});

  // Any number of statements without values, their answers ignored; not expanded.
  void execute(const std::string& sql);

  // False when there is reason to believe that it is of no more use. Asks nobody.
  [[nodiscard]] bool is_usable();
  // Whether a BEGIN has not come to its end yet.
  [[nodiscard]] bool is_in_transaction() const;

  // From the next wait on: `Limits::silence`.
  void limit_silence(Duration silence) { limits_.silence = silence; }

  // Named in errors. A literal.
  void set_operation(const char* operation) { operation_ = operation; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] pg_conn* handle() { return handle_; }

 private:
  void ensure_isolation();
  void prepare(const Statement& statement);
  void send(const Statement& statement);
  void require_sent(int sent);
  ResultHandle next_result();
  ResultHandle answer();
  [[noreturn]] void give_up(Wait reason);
  [[noreturn]] void fail(const pg_result* result);
  std::string last_error() const;

  const Settings& settings_;
  const char* operation_;
  Limits limits_;
  pg_conn* handle_ = nullptr;
  const bool is_own_ = true;
  const bool prepares_;
  bool is_given_up_ = false;
  std::bitset<query_texts.size()> prepared_;
};

// A transaction of several statements; undone when destroyed without `commit`.
class Transaction {
 public:
  // `kind` follows BEGIN: "ISOLATION LEVEL REPEATABLE READ READ ONLY".
  explicit Transaction(Connection& connection, const char* kind = "");
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  Connection& connection_;
  bool open_ = true;
};

}  // namespace portfire::postgresql
