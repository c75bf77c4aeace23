#pragma once

// What PostgreSQL's SQLSTATEs mean to a caller: one table.

#include <string>
#include <string_view>

#include <portfire/error.hpp>
#include <portfire/time.hpp>

namespace portfire::postgresql {

// What to do about a failure.
enum class Cure {
  none,       // somebody must change something
  repeat,     // run the same transaction again at once: a deadlock, a serialisation failure
  wait,       // run it again later: no room, too many connections, a timeout, no answer
  reconnect,  // the connection is of no more use, and what it was doing may have happened
};

// A failure of the database with what the pool and the writers need to know about it.
class DatabaseError : public StorageError {
 public:
  DatabaseError(const std::string& message, Details details, std::string sqlstate, Cure cure)
      : StorageError{message, std::move(details)}, sqlstate_{std::move(sqlstate)}, cure_{cure} {}

  [[nodiscard]] const std::string& sqlstate() const { return sqlstate_; }
  [[nodiscard]] Cure cure() const { return cure_; }

 private:
  std::string sqlstate_;
  Cure cure_;
};

// Five characters as PostgreSQL itself packs them into a number; 0 for anything else.
int native_code(std::string_view sqlstate);

// Throws what the failure of a statement means: `UsageError` where the functions of the schema
// refuse what they were given, otherwise a `DatabaseError` that names place, operation, what
// happened and, where there is one, the cure. `text` is the engine's own, in one line or more.
[[noreturn]] void throw_database_error(const std::string& place, const char* operation,
                                       const std::string& sqlstate, const std::string& text);

// The same when the connection broke: the outcome is unknown.
[[noreturn]] void throw_connection_error(const std::string& place, const char* operation,
                                         const std::string& text);

// The same when the server has said nothing for so long: the outcome is unknown, too.
[[noreturn]] void throw_no_answer(const std::string& place, const char* operation,
                                  Duration silence);

// The same when none could be made. `text` is all that libpq tells of the reason.
[[noreturn]] void throw_no_connection(const std::string& place, const char* operation,
                                      const std::string& text);

// The same for what is wrong with a database or its schema in Portfire's own eyes.
[[noreturn]] void throw_unusable(const std::string& place, const char* operation,
                                 const std::string& problem_and_cure);

}  // namespace portfire::postgresql
