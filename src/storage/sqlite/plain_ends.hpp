#pragma once

// Values that a set-based UPDATE takes from this process, job by job, through SQL functions.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

struct sqlite3_context;
struct sqlite3_value;

namespace portfire::sqlite {

class Database;

// What one run that ends leaves in its row.
struct PlainEnd {
  std::int64_t key = 0;
  std::uint64_t epoch = 0;
  std::int64_t start_delay = 0;
  std::int64_t duration = 0;
  std::string_view result;  // empty: none
  std::size_t index = 0;    // the caller's
  bool applied = false;     // set when the row was changed
};

// Threads: one at a time, with its connection. Not moved after `offer_to`.
class PlainEnds {
 public:
  // Makes the functions `ending_…(key)` known to the connection, which must not outlive this.
  void offer_to(Database& database);

  // The runs that the next statement is about, in order of their keys; at most one end a key
  // counts.
  std::vector<PlainEnd>& all() { return ends_; }
  // To be called before each statement.
  void rewind() { next_ = 0; }

 private:
  // Looked for in ascending order: a statement walks along the keys.
  PlainEnd* find(std::int64_t key);

  static void epoch_of(sqlite3_context* context, int, sqlite3_value** arguments);
  static void start_delay_of(sqlite3_context* context, int, sqlite3_value** arguments);
  static void duration_of(sqlite3_context* context, int, sqlite3_value** arguments);
  static void result_of(sqlite3_context* context, int, sqlite3_value** arguments);

  std::vector<PlainEnd> ends_;
  std::size_t next_ = 0;
};

}  // namespace portfire::sqlite
