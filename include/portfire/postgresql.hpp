#pragma once

/// A storage in a PostgreSQL database: durable, shared by any number of machines.
///
/// Everything lives in one schema of the database, so that several installations and the
/// application's own tables get along. PostgreSQL 13 or newer.
///
/// Connections: up to `Options::max_connections` for work, made when they are needed, one for
/// heartbeats, which must never queue behind work, and one that listens for wake-ups. A broken one
/// is replaced; what it was doing is sent again where that is safe. A restart or failover of the
/// database is waited out by clients and servers, not by the storage: its verbs throw
/// `StorageError` after a few attempts, within some seconds or, where a host neither answers nor
/// refuses, after `connect_timeout` or `answer_timeout`.

#include <functional>
#include <memory>
#include <string>

#include <portfire/runtime.hpp>
#include <portfire/storage/storage.hpp>

struct pg_conn;  // PGconn of libpq

namespace portfire::postgresql {

struct Options {
  /// The schema of this installation: 1 to 54 letters, digits, hyphens and underscores, not
  /// beginning with `pg_`.
  std::string schema = "portfire";

  /// Connections for work at the same time, 1 to 1000. Callers wait for a free one. Commits of many
  /// threads share one, so a few suffice.
  int max_connections = 4;

  /// Statements prepared once per connection. Off for a pooler that gives each transaction another
  /// connection and does not know prepared statements (PgBouncer in transaction mode before 1.21).
  bool prepared_statements = true;

  /// Wake-ups by LISTEN on a connection of its own. Off behind a pooler of transactions, where
  /// nobody can listen; then waiting ends by polling.
  bool listen = true;
  /// How often those who wait look by themselves while nobody listens; 10 ms to 1 min.
  Duration poll_interval = std::chrono::milliseconds{500};

  /// Limit for making a connection to each host, 1 s to 10 min. A connect_timeout in the connection
  /// string wins, unless `answer_timeout` is shorter.
  Duration connect_timeout = std::chrono::seconds{10};
  /// How long the database may owe an answer without sending a byte, 100 ms to 1 h; then the
  /// connection is given up and the verb throws a `StorageError` whose outcome is unknown. It is
  /// for hosts that stand still with their connections open: peers that are gone are noticed within
  /// some 20 s (`keepalives`, `tcp_user_timeout` in the connection string). It must be longer than
  /// the largest unit takes. Statements of upkeep have `maintenance_timeout` on top, heartbeats
  /// half of the shortest lease, migrations no limit.
  Duration answer_timeout = std::chrono::seconds{60};
  /// Limit for each statement of upkeep (promotion, reclaiming, expiry), 1 s to 1 h.
  Duration maintenance_timeout = std::chrono::seconds{60};

  /// Shown by pg_stat_activity, unless the connection string names another.
  std::string application_name = "portfire";

  /// Creates the schema, or migrates an older one. Without it an absent or older schema is an error
  /// that says so.
  bool migrate = true;

  /// Clocks, threads and events; nothing means `thread_runtime()`.
  std::shared_ptr<Runtime> runtime = {};
  /// For tests: shifts the storage's clock, which is the database's.
  std::shared_ptr<const TimeOffset> time_offset = {};
};

/// Opens an installation, creating its schema when there is none.
///
/// `connection` is a connection string of libpq: `postgresql://user@host/database?sslmode=require`
/// or `host=… dbname=…`; what it leaves out comes from the environment (`PGHOST`, …) and
/// `~/.pgpass`. Throws `UsageError` for a malformed one and for options out of range,
/// `StorageError` when the database cannot be reached or used, when the schema belongs to another
/// program, or when it is newer than this library knows.
std::shared_ptr<Storage> open(const std::string& connection, Options options = {});

/// The storage as seen from within a transaction of the application's own: what a `Client` on it
/// creates or changes is done on `connection`, and so happens exactly if the application commits.
///
///     PQexec(connection, "BEGIN");
///     // … the application's own statements …
///     portfire::Client{portfire::postgresql::within(storage, connection)}.enqueue<&send_email>(…);
///     PQexec(connection, "COMMIT");
///
/// The connection must be to the same database and have a transaction open whenever the client is
/// used. It is not owned and is used by one thread at a time. A call that throws leaves the
/// transaction failed. Questions (`Client::find`, `wait`, and with them changes of jobs) are asked
/// outside the transaction: they do not see a job that it has created. Throws `UsageError` unless
/// `open` of this driver has opened the storage.
std::shared_ptr<Storage> within(const std::shared_ptr<Storage>& storage, pg_conn* connection);

/// For a handler whose effect is in the same database: the job is finished in its transaction.
///
///     portfire::Outcome transfer(int from, int to, int amount) {
///       PGconn* connection = …;                               // BEGIN
///       auto finish = portfire::postgresql::committing(storage, connection);
///       …                                                     // the handler's own statements
///       return portfire::done_by(std::move(finish));
///     }
///
/// After the handler has returned, the server finishes the job on `connection` and commits, so that
/// effect and completion happen together or not at all. If the job was taken away meanwhile, or the
/// commit fails, the transaction is rolled back and the run has failed; it is also rolled back when
/// a filter fails the run or elects another state than a success. When the connection is lost in
/// the midst of the commit, the job tells whether it happened: it is Succeeded, or runs again.
///
/// A handler that throws is rolled back too: destroyed without having been called, the function
/// undoes whatever is open on the connection. That must live until then, and nobody else may use
/// it. Arguments and errors as for `within`.
std::function<void(const Unit&)> committing(const std::shared_ptr<Storage>& storage,
                                            pg_conn* connection);

/// The newest schema version that this library reads and writes.
int schema_version();

/// The version of the schema in a database; 0 when there is none.
int schema_version(const std::string& connection, const std::string& schema = "portfire");

/// Brings the schema to `schema_version()`, and writes its functions again. Safe from several
/// processes at once, and while older ones are at work.
void migrate(const std::string& connection, const std::string& schema = "portfire");

/// Removes the schema with all jobs in it; nothing when there is none. Throws `StorageError` when
/// it belongs to another program. Nobody may be using it.
void remove(const std::string& connection, const std::string& schema = "portfire");

}  // namespace portfire::postgresql
