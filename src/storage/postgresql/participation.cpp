#include "storage/postgresql/participation.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <utility>

#include <portfire/error.hpp>

#include "storage/common/requests.hpp"
#include "storage/postgresql/commit_statements.hpp"
#include "storage/postgresql/errors.hpp"
#include "storage/postgresql/unit_json.hpp"

namespace portfire::postgresql {

namespace {

void require_transaction(PGconn* connection) {
  switch (PQtransactionStatus(connection)) {
    case PQTRANS_INTRANS: return;
    case PQTRANS_IDLE:
      throw UsageError{
          "the connection that the job is to be stored on has no transaction open; send BEGIN "
          "first"};
    case PQTRANS_ACTIVE:
      throw UsageError{
          "the connection that the job is to be stored on is busy with a statement; read its "
          "results first"};
    case PQTRANS_INERROR:
      throw UsageError{
          "the transaction that the job is to be stored in has failed already; roll it back"};
    case PQTRANS_UNKNOWN: break;
  }
  throw UsageError{"the connection that the job is to be stored on is broken; connect again"};
}

bool send(PGconn* connection, const char* sql) {
  const ResultHandle result{PQexec(connection, sql)};
  // A transaction that had failed is rolled back by COMMIT, which says so.
  return PQresultStatus(result.get()) == PGRES_COMMAND_OK &&
         std::string_view{PQcmdStatus(result.get())} == sql;
}

}  // namespace

ParticipatingJobStore::ParticipatingJobStore(JobStore& target, const Settings& settings,
                                             pg_conn* connection)
    : ForwardingJobStore{target}, connection_{settings, connection} {}

// A statement that fails takes the application's transaction with it: there is nothing to repeat.
template <class Body>
auto ParticipatingJobStore::in_transaction(Body&& body) {
  require_transaction(connection_.handle());
  try {
    // Who is waiting may be another one by the time that the transaction commits.
    connection_.run(Query::tell_everybody);
    return body();
  } catch (const StorageError& error) {
    throw StorageError{error.what(),
                       {.operation = error.operation(), .native_code = error.native_code()}};
  }
}

std::vector<CommitResult> ParticipatingJobStore::commit(std::span<const Unit> units) {
  if (units.empty()) return {};
  check_units(units);
  std::vector<CommitResult> results(units.size());
  Slots slots;
  for (std::size_t i = 0; i < units.size(); ++i) slots.push_back({&units[i], &results[i]});
  in_transaction([&] {
    const Duration shift = connection_.settings().shift();
    Result answer = connection_.run(commit_statement(shift, slots, Patience::endless));
    read_commit_answer(answer, slots);
  });
  return results;
}

bool ParticipatingJobStore::set_parameters(
    JobId job, const std::map<std::string, std::optional<std::string>>& parameters) {
  return in_transaction([&] {
    Result answer =
        connection_.run(Query::set_parameters, job, Json{json_of_parameters(parameters)});
    answer.next();
    return answer.flag(0);
  });
}

ParticipatingStorage::ParticipatingStorage(std::shared_ptr<Storage> target,
                                           const Settings& settings, pg_conn* connection)
    : ForwardingStorage{target}, jobs_{target->jobs(), settings, connection} {}

HandlersTransaction::HandlersTransaction(std::shared_ptr<Storage> inside, pg_conn* connection)
    : inside_{std::move(inside)}, connection_{connection} {}

HandlersTransaction::~HandlersTransaction() {
  // Nothing to be done where this fails: the database rolls back when the connection ends.
  if (!is_over_ && PQtransactionStatus(connection_) != PQTRANS_IDLE) send(connection_, "ROLLBACK");
}

void HandlersTransaction::finish(const Unit& unit) {
  const CommitResult result = inside_->jobs().commit({&unit, 1}).front();
  if (!result.done()) {
    throw StorageError{"the job is not this execution's any more (" +
                           std::string{to_string(result.status)} +
                           "): its transaction is rolled back",
                       {.operation = "commit"}};
  }
  is_over_ = true;
  if (send(connection_, "COMMIT")) return;
  const std::string text = PQerrorMessage(connection_);
  if (PQstatus(connection_) == CONNECTION_BAD) {
    throw StorageError{
        "the connection was lost while the transaction that finishes the job was being committed; "
        "whether it was is not known: " +
            text,
        {.operation = "commit", .connection_lost = true}};
  }
  throw StorageError{"the transaction that was to finish the job was not committed: " + text,
                     {.operation = "commit"}};
}

}  // namespace portfire::postgresql
