#include "storage/postgresql/connection.hpp"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>

#include "storage/postgresql/connecting.hpp"
#include "storage/postgresql/errors.hpp"

namespace portfire::postgresql {

namespace {

constexpr int binary = 1;

std::string name_of(Query query) { return "portfire_" + std::to_string(static_cast<int>(query)); }

void ignore_notice(void*, const PGresult*) {}

bool is_row_or_command(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

}  // namespace

Connection::Connection(const Settings& settings, const char* operation, const Limits& limits)
    : settings_{settings},
      operation_{operation},
      limits_{limits},
      handle_{connect(settings, limits, operation)},
      prepares_{settings.options().prepared_statements} {
  PQsetNoticeReceiver(handle_, ignore_notice, nullptr);
  // Else sending waits, for as long as a peer that takes nothing pleases.
  PQsetnonblocking(handle_, 1);
  try {
    ensure_isolation();
  } catch (...) {
    PQfinish(handle_);
    throw;
  }
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
  if (is_given_up_ || PQstatus(handle_) != CONNECTION_OK) return false;
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

// Nobody reads what may still come. Cut at once: a farewell could wait for the peer, too.
void Connection::give_up(Wait reason) {
  is_given_up_ = true;
  ::shutdown(PQsocket(handle_), SHUT_RDWR);
  if (reason == Wait::late) throw_no_answer(settings_.place(), operation_, limits_.silence);
  throw_connection_error(settings_.place(), operation_, "the storage is being closed");
}

void Connection::require_sent(int sent) {
  if (sent != 1) fail(nullptr);
}

// Null where an answer, or one part of several, has come to its end.
ResultHandle Connection::next_result() {
  Runtime& runtime = *settings_.runtime();
  int unsent = PQflush(handle_);
  while ((unsent > 0 || PQisBusy(handle_) == 1) && PQstatus(handle_) == CONNECTION_OK) {
    const SteadyPoint deadline = end_of(runtime, limits_.silence);
    const short events = static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN);
    const Wait wait = wait_for(runtime, PQsocket(handle_), events, deadline, limits_.called_off);
    if (wait != Wait::ready) give_up(wait);
    // What went wrong is in the result.
    if (PQconsumeInput(handle_) != 1) break;
    if (unsent > 0) unsent = PQflush(handle_);
  }
  return ResultHandle{PQgetResult(handle_)};
}

// The last of several results, or the first that failed.
ResultHandle Connection::answer() {
  ResultHandle kept;
  while (ResultHandle result = next_result()) {
    if (!kept || is_row_or_command(kept.get())) kept = std::move(result);
  }
  if (!is_row_or_command(kept.get())) fail(kept.get());
  return kept;
}

void Connection::prepare(const Statement& statement) {
  const auto index = static_cast<std::size_t>(statement.query);
  if (!prepares_ || prepared_[index]) return;
  require_sent(PQsendPrepare(handle_, name_of(statement.query).c_str(),
                             settings_.text(statement.query).c_str(), statement.parameters.count(),
                             statement.parameters.types()));
  answer();
  prepared_.set(index);
}

Result Connection::run(const Statement& statement) {
  prepare(statement);
  send(statement);
  return Result{answer()};
}

Result Connection::ask(std::string_view sql, const Parameters& parameters) {
  require_sent(PQsendQueryParams(handle_, settings_.expanded(sql).c_str(), parameters.count(),
                                 parameters.types(), parameters.addresses(), parameters.lengths(),
                                 parameters.formats(), binary));
  return Result{answer()};
}

void Connection::execute(const std::string& sql) {
  require_sent(PQsendQuery(handle_, sql.c_str()));
  answer();
}

void Connection::send(const Statement& statement) {
  const Parameters& values = statement.parameters;
  require_sent(prepares_ ? PQsendQueryPrepared(handle_, name_of(statement.query).c_str(),
                                               values.count(), values.addresses(), values.lengths(),
                                               values.formats(), binary)
                         : PQsendQueryParams(handle_, settings_.text(statement.query).c_str(),
                                             values.count(), values.types(), values.addresses(),
                                             values.lengths(), values.formats(), binary));
}

// The server takes the statements between two synchronisation points as one transaction.
std::vector<Result> Connection::run_together(std::span<const Statement> statements) {
  for (const Statement& statement : statements) prepare(statement);
  require_sent(PQenterPipelineMode(handle_));
  for (const Statement& statement : statements) send(statement);
  require_sent(PQpipelineSync(handle_));
  std::vector<Result> results;
  ResultHandle failure;
  bool is_over = false;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    ResultHandle result = next_result();
    if (is_row_or_command(result.get())) {
      results.emplace_back(std::move(result));
    } else if (!failure) {
      failure = std::move(result);  // those that follow only say that they were skipped
    }
    if (PQstatus(handle_) != CONNECTION_OK) break;
    while (next_result()) {
    }
  }
  // All of them are done, and yet the transaction may fail at its end.
  for (int silences = 0; !is_over && silences < 2 && PQstatus(handle_) == CONNECTION_OK;) {
    ResultHandle result = next_result();
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
