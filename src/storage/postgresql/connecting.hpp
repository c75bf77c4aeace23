#pragma once

// Making a connection without waiting for longer than one may.

#include "storage/postgresql/settings.hpp"
#include "storage/postgresql/waiting.hpp"

struct pg_conn;

namespace portfire::postgresql {

// Tries the addresses of the connection string in turn, each for the time that the string or the
// options allow, and for no longer than `limits`. Throws a `DatabaseError` that names `operation`.
// Names of hosts are looked up by the system, in its own time.
pg_conn* connect(const Settings& settings, const Limits& limits, const char* operation);

}  // namespace portfire::postgresql
