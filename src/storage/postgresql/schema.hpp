#pragma once

// Whether the schema is ours, which version it has, and how it gets a newer one.

#include <string>

#include "storage/postgresql/settings.hpp"

namespace portfire::postgresql {

class Connection;

// The schema's version; 0 when there is none, or an empty one. Throws a `DatabaseError` when it
// belongs to something else, or when the server is too old.
int version_in(Connection& connection);

// Brings the schema to the newest version, and its functions to this library's, creating it if need
// be: processes that do this at the same time do it once. Throws a `DatabaseError`, also when the
// schema is newer than this library. With `Repair::yes` the functions are written again even where
// they seem to be there.
enum class Repair : bool { no, yes };
void upgrade(Connection& connection, Repair repair = Repair::no);

// Throws a `DatabaseError` unless the schema has exactly the version that this library works with.
void require_newest(Connection& connection);

}  // namespace portfire::postgresql
