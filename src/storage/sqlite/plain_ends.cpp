#include "storage/sqlite/plain_ends.hpp"

#include "storage/sqlite/database.hpp"

namespace portfire::sqlite {

namespace {

using Function = void (*)(sqlite3_context*, int, sqlite3_value**);

void add_function(Database& database, const char* name, void* ends, Function function) {
  // Not for triggers and views of whoever else works on the file.
  const int code =
      sqlite3_create_function_v2(database.handle(), name, 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, ends,
                                 function, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) database.fail(code);
}

PlainEnds& ends_of(sqlite3_context* context) {
  return *static_cast<PlainEnds*>(sqlite3_user_data(context));
}

}  // namespace

void PlainEnds::offer_to(Database& database) {
  add_function(database, "ending_epoch", this, &PlainEnds::epoch_of);
  add_function(database, "ending_start_delay", this, &PlainEnds::start_delay_of);
  add_function(database, "ending_duration", this, &PlainEnds::duration_of);
  add_function(database, "ending_result", this, &PlainEnds::result_of);
}

PlainEnd* PlainEnds::find(std::int64_t key) {
  while (next_ < ends_.size() && ends_[next_].key < key) ++next_;
  return next_ < ends_.size() && ends_[next_].key == key ? &ends_[next_] : nullptr;
}

void PlainEnds::epoch_of(sqlite3_context* context, int, sqlite3_value** arguments) {
  const PlainEnd* end = ends_of(context).find(sqlite3_value_int64(arguments[0]));
  if (end != nullptr) sqlite3_result_int64(context, static_cast<sqlite3_int64>(end->epoch));
}

// Asked only for rows that are being changed: so this is also where they are noted.
void PlainEnds::start_delay_of(sqlite3_context* context, int, sqlite3_value** arguments) {
  PlainEnd* const end = ends_of(context).find(sqlite3_value_int64(arguments[0]));
  if (end == nullptr) return;
  end->applied = true;
  sqlite3_result_int64(context, end->start_delay);
}

void PlainEnds::duration_of(sqlite3_context* context, int, sqlite3_value** arguments) {
  const PlainEnd* end = ends_of(context).find(sqlite3_value_int64(arguments[0]));
  if (end != nullptr) sqlite3_result_int64(context, end->duration);
}

void PlainEnds::result_of(sqlite3_context* context, int, sqlite3_value** arguments) {
  const PlainEnd* end = ends_of(context).find(sqlite3_value_int64(arguments[0]));
  if (end == nullptr || end->result.empty()) return;
  sqlite3_result_text64(context, end->result.data(), end->result.size(), SQLITE_STATIC,
                        SQLITE_UTF8);
}

}  // namespace portfire::sqlite
