#include "storage/postgresql/connection.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <array>

#include "storage/postgresql/errors.hpp"

namespace portfire::postgresql {

namespace {

constexpr int binary = 1;

// Defaults come before the connection string, which may name others; what must be so comes after.
PGconn* connect(const Settings& settings) {
  const Options& options = settings.options();
  const std::string timeout = std::to_string(
      std::chrono::duration_cast<std::chrono::seconds>(options.connect_timeout).count());
  // A peer that has vanished is noticed within some 20 s, whether or not we are sending.
  const std::array keywords{"fallback_application_name",
                            "connect_timeout",
                            "keepalives_idle",
                            "keepalives_interval",
                            "keepalives_count",
                            "tcp_user_timeout",
                            "dbname",
                            "client_encoding",
                            static_cast<const char*>(nullptr)};
  const std::array values{options.application_name.c_str(),
                          timeout.c_str(),
                          "10",
                          "3",
                          "3",
                          "20000",
                          settings.connection().c_str(),
                          "UTF8",
                          static_cast<const char*>(nullptr)};
  constexpr int expand_connection_string = 1;
  return PQconnectdbParams(keywords.data(), values.data(), expand_connection_string);
}

std::string name_of(Query query) { return "portfire_" + std::to_string(static_cast<int>(query)); }

void ignore_notice(void*, const PGresult*) {}

bool is_row_or_command(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

}  // namespace

Connection::Connection(const Settings& settings, const char* operation)
    : settings_{settings},
      operation_{operation},
      handle_{connect(settings)},
      prepares_{settings.options().prepared_statements} {
  if (PQstatus(handle_) == CONNECTION_OK) {
    PQsetNoticeReceiver(handle_, ignore_notice, nullptr);
    try {
      ensure_isolation();
    } catch (...) {
      PQfinish(handle_);
      throw;
    }
    return;
  }
  const std::string text = last_error();
  PQfinish(handle_);
  throw_no_connection(settings_.place(), operation_, text);
}

// The functions look again after each wait; a role may have another default. Nothing is set where
// nothing has to be: behind a pooler it would stay with a connection that others use too.
void Connection::ensure_isolation() {
  Result isolation = ask("SHOW default_transaction_isolation");
  if (isolation.next() && isolation.text(0) == "read committed") return;
  execute("SET default_transaction_isolation = 'read committed'");
}

Connection::Connection(const Settings& settings, pg_conn* borrowed)
    : settings_{settings},
      operation_{"commit"},
      handle_{borrowed},
      is_own_{false},
      prepares_{false} {}

Connection::~Connection() {
  if (is_own_) PQfinish(handle_);
}

std::string Connection::last_error() const {
  return handle_ != nullptr ? PQerrorMessage(handle_) : "out of memory";
}

bool Connection::is_in_transaction() const { return PQtransactionStatus(handle_) != PQTRANS_IDLE; }

bool Connection::is_usable() {
  if (PQstatus(handle_) != CONNECTION_OK) return false;
  // An idle connection has little to read: perhaps news of settings, or that it is about to be
  // closed, and then its end.
  pollfd descriptor{.fd = PQsocket(handle_), .events = POLLIN, .revents = 0};
  while (poll(&descriptor, 1, 0) > 0) {
    if (PQconsumeInput(handle_) != 1) return false;
  }
  return PQstatus(handle_) == CONNECTION_OK;
}

void Connection::fail(const pg_result* result) {
  const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (PQstatus(handle_) == CONNECTION_BAD && sqlstate == nullptr) {
    throw_connection_error(settings_.place(), operation_, last_error());
  }
  const char* text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  throw_database_error(settings_.place(), operation_, sqlstate != nullptr ? sqlstate : "",
                       text != nullptr ? text : last_error());
}

ResultHandle Connection::checked(pg_result* result) {
  ResultHandle handle{result};
  if (!is_row_or_command(result)) fail(result);
  return handle;
}

void Connection::prepare(const Statement& statement) {
  const auto index = static_cast<std::size_t>(statement.query);
  if (!prepares_ || prepared_[index]) return;
  checked(PQprepare(handle_, name_of(statement.query).c_str(),
                    settings_.text(statement.query).c_str(), statement.parameters.count(),
                    statement.parameters.types()));
  prepared_.set(index);
}

Result Connection::run(const Statement& statement) {
  const Parameters& values = statement.parameters;
  prepare(statement);
  if (!prepares_) {
    return Result{checked(PQexecParams(handle_, settings_.text(statement.query).c_str(),
                                       values.count(), values.types(), values.addresses(),
                                       values.lengths(), values.formats(), binary))};
  }
  return Result{
      checked(PQexecPrepared(handle_, name_of(statement.query).c_str(), values.count(),
                             values.addresses(), values.lengths(), values.formats(), binary))};
}

Result Connection::ask(std::string_view sql, const Parameters& parameters) {
  return Result{checked(PQexecParams(handle_, settings_.expanded(sql).c_str(), parameters.count(),
                                     parameters.types(), parameters.addresses(),
                                     parameters.lengths(), parameters.formats(), binary))};
}

void Connection::execute(const std::string& sql) { checked(PQexec(handle_, sql.c_str())); }

void Connection::send(const Statement& statement) {
  const Parameters& values = statement.parameters;
  const int sent = prepares_ ? PQsendQueryPrepared(handle_, name_of(statement.query).c_str(),
                                                   values.count(), values.addresses(),
                                                   values.lengths(), values.formats(), binary)
                             : PQsendQueryParams(handle_, settings_.text(statement.query).c_str(),
                                                 values.count(), values.types(), values.addresses(),
                                                 values.lengths(), values.formats(), binary);
  if (sent != 1) throw_connection_error(settings_.place(), operation_, last_error());
}

// The server takes the statements between two synchronisation points as one transaction.
std::vector<Result> Connection::run_together(std::span<const Statement> statements) {
  for (const Statement& statement : statements) prepare(statement);
  if (PQenterPipelineMode(handle_) != 1) {
    throw_connection_error(settings_.place(), operation_, last_error());
  }
  for (const Statement& statement : statements) send(statement);
  if (PQpipelineSync(handle_) != 1) {
    throw_connection_error(settings_.place(), operation_, last_error());
  }
  std::vector<Result> results;
  ResultHandle failure;
  bool is_over = false;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    ResultHandle result{PQgetResult(handle_)};
    if (is_row_or_command(result.get())) {
      results.emplace_back(std::move(result));
    } else if (!failure) {
      failure = std::move(result);  // those that follow only say that they were skipped
    }
    if (PQstatus(handle_) != CONNECTION_OK) break;
    while (const ResultHandle end{PQgetResult(handle_)}) {
    }
  }
  // All of them are done, and yet the transaction may fail at its end.
  for (int silences = 0; !is_over && silences < 2 && PQstatus(handle_) == CONNECTION_OK;) {
    ResultHandle result{PQgetResult(handle_)};
    silences = result ? 0 : silences + 1;
    if (!result) continue;
    is_over = PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC;
    if (!is_over && !failure) failure = std::move(result);
  }
  if (is_over) PQexitPipelineMode(handle_);
  if (failure || !is_over || results.size() != statements.size()) fail(failure.get());
  return results;
}

Transaction::Transaction(Connection& connection, const char* kind) : connection_{connection} {
  connection_.execute(std::string{"BEGIN "} + kind);
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    connection_.execute("ROLLBACK");
  } catch (...) {
    // Whoever lent the connection sees that its transaction is still open, and closes it.
  }
}

void Transaction::commit() {
  open_ = false;
  connection_.execute("COMMIT");
}

}  // namespace portfire::postgresql
