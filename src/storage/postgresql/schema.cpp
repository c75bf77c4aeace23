#include "storage/postgresql/schema.hpp"

#include <libpq-fe.h>

#include <cstdint>
#include <iterator>
#include <string>

#include <portfire/postgresql.hpp>
#include <portfire/version.hpp>

#include "storage/postgresql/connection.hpp"
#include "storage/postgresql/errors.hpp"

namespace portfire::postgresql {

namespace {

constexpr int newest = static_cast<int>(std::size(migration_texts));
constexpr int oldest_server = 130000;
constexpr int release =
    (PORTFIRE_VERSION_MAJOR * 1000 + PORTFIRE_VERSION_MINOR) * 1000 + PORTFIRE_VERSION_PATCH;

// What `version` says. All zero: there is no schema, or nothing in it.
struct Installed {
  int version = 0;
  int release = 0;
  std::string functions;
  bool has_schema = false;
};

// Of the functions' texts; only ever compared for equality.
std::string digest_of_functions() {
  std::uint64_t digest = 0xCBF29CE484222325U;  // FNV-1a
  for (const std::string_view text : function_texts) {
    for (const char character : text) {
      digest = (digest ^ static_cast<unsigned char>(character)) * 0x100000001B3U;
    }
  }
  return std::to_string(digest);
}

void check_server(Connection& connection) {
  const int version = PQserverVersion(connection.handle());
  if (version >= oldest_server) return;
  throw_unusable(connection.settings().place(), "open",
                 "the server is PostgreSQL " + std::to_string(version / 10000) +
                     ", and Portfire needs " + std::to_string(oldest_server / 10000) +
                     " or newer; upgrade the server");
}

Installed installed_in(Connection& connection) {
  check_server(connection);
  Installed installed;
  Result owner = connection.run(Query::schema_owner);
  owner.next();
  installed.has_schema = owner.flag(0);
  const bool is_empty = !owner.flag(1);
  const bool is_ours = owner.flag(2);
  if (is_empty) return installed;
  if (!is_ours) {
    throw_unusable(connection.settings().place(), "open",
                   "the schema belongs to another program; choose another one for Portfire");
  }
  Result row = connection.run(Query::schema_version);
  row.next();
  installed.version = row.number<int>(0);
  installed.release = row.number<int>(1);
  installed.functions = row.string(2);
  return installed;
}

void refuse_newer(const Settings& settings, int version) {
  if (version <= newest) return;
  throw_unusable(settings.place(), "open",
                 "the schema has version " + std::to_string(version) +
                     ", and this library knows versions up to " + std::to_string(newest) +
                     "; use a Portfire at least as new as the one that migrated it");
}

// Functions of a newer release are left alone: during an upgrade, both are at work.
bool is_up_to_date(const Installed& installed, Repair repair = Repair::no) {
  const bool is_right = installed.functions == digest_of_functions() && repair == Repair::no;
  return installed.version == newest && (installed.release > release || is_right);
}

}  // namespace

int schema_version() { return newest; }

int version_in(Connection& connection) { return installed_in(connection).version; }

void upgrade(Connection& connection, Repair repair) {
  const Settings& settings = connection.settings();
  Installed installed = installed_in(connection);
  refuse_newer(settings, installed.version);
  if (is_up_to_date(installed, repair)) return;

  connection.set_operation("migrate");
  // Others may be at it, and large tables take their time.
  connection.limit_silence(Duration::max());
  Transaction transaction{connection};
  connection.run(Query::lock_schema);
  installed = installed_in(connection);
  refuse_newer(settings, installed.version);
  if (!is_up_to_date(installed, repair)) {
    if (!installed.has_schema) connection.execute(settings.expanded("CREATE SCHEMA :schema"));
    if (installed.version == 0) {
      connection.execute(
          settings.expanded("CREATE TABLE :schema.version (portfire_schema integer NOT NULL, "
                            "portfire_release integer NOT NULL, functions text NOT NULL);"
                            "INSERT INTO :schema.version VALUES (0, 0, '')"));
    }
    for (int version = installed.version; version < newest; ++version) {
      connection.execute(settings.expanded(migration_texts[version]));
    }
    for (const char* text : function_texts) connection.execute(settings.expanded(text));
    // Before anybody is at work: a job that finishes while its partition is being made collides.
    connection.execute(settings.expanded("SELECT :schema.make_partitions(clock_timestamp())"));
    connection.run(Query::set_schema_version, newest, release, digest_of_functions());
  }
  transaction.commit();
}

void require_newest(Connection& connection) {
  const Settings& settings = connection.settings();
  const Installed installed = installed_in(connection);
  refuse_newer(settings, installed.version);
  if (is_up_to_date(installed)) return;
  if (installed.version == 0) {
    throw_unusable(settings.place(), "open",
                   "there is no schema yet; create it with portfire migrate");
  }
  throw_unusable(
      settings.place(), "open",
      "the schema has version " + std::to_string(installed.version) +
          (installed.version < newest ? ", and this library needs " + std::to_string(newest)
                                      : ", with functions of an older release") +
          "; run portfire migrate");
}

}  // namespace portfire::postgresql
