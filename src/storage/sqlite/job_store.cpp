#include "storage/sqlite/job_store.hpp"

#include <utility>

#include "storage/common/requests.hpp"
#include "storage/sqlite/claim.hpp"
#include "storage/sqlite/commit.hpp"
#include "storage/sqlite/holding.hpp"
#include "storage/sqlite/upkeep.hpp"

namespace portfire::sqlite {

namespace {

// The units of one call: as many to a transaction as its time allows.
class CommitCall {
 public:
  CommitCall(const Writer& writer, std::span<const Unit> units) : writer_{writer}, units_{units} {
    results_.reserve(units.size());
  }

  bool operator()(Session& session) {
    // Looking at the clock costs more than a small unit.
    constexpr std::size_t units_between_looks = 16;
    results_.resize(committed_);
    UnitRunner runner{session, units_, results_};
    while (results_.size() < units_.size()) {
      runner.run_next();
      if (results_.size() % units_between_looks == 0 && writer_.should_yield()) break;
    }
    runner.finish();
    return results_.size() == units_.size();
  }

  void committed() { committed_ = results_.size(); }

  std::vector<CommitResult> take() { return std::move(results_); }

 private:
  const Writer& writer_;
  const std::span<const Unit> units_;
  std::vector<CommitResult> results_;
  std::size_t committed_ = 0;
};

}  // namespace

std::vector<CommitResult> SqliteJobStore::commit(std::span<const Unit> units) {
  check_units(units);
  if (units.empty()) return {};
  CommitCall call{writer_, units};
  writer_.run("commit", call);
  return call.take();
}

ClaimResult SqliteJobStore::claim(const ClaimRequest& request) {
  ClaimResult result;
  writer_.run("claim", [&](Session& session) { result = sqlite::claim(session, request); });
  return result;
}

std::vector<ExecutionRef> SqliteJobStore::held(ServerId server) {
  std::vector<ExecutionRef> held;
  Snapshot snapshot = readers_.look("held");
  std::int64_t number = 0;
  {
    Rows rows = snapshot.database().rows(Query::server_by_id, server);
    if (!rows.next()) return held;
    number = rows.number(0);
  }
  for_each_held(snapshot.database(), number,
                [&](JobRow& row) { held.push_back({row.id, row.epoch, row.key}); });
  return held;
}

ReleaseResult SqliteJobStore::release(std::span<const Released> executions) {
  ReleaseResult result;
  if (executions.empty()) return result;
  writer_.run("release",
              [&](Session& session) { result.released = sqlite::release(session, executions); });
  return result;
}

PromoteResult SqliteJobStore::promote(const PromoteRequest& request) {
  {
    // Most often nothing is due, which a look can tell.
    Snapshot snapshot = readers_.look("promote");
    const auto next = next_due(snapshot.database());
    if (!next) return {};
    const std::int64_t left = *next - writer_.clock().now();
    if (left > 0) return {.next_due_in = Duration{left}};
  }
  PromoteResult result;
  writer_.run("promote", [&](Session& session) { result = sqlite::promote(session, request); });
  return result;
}

ReclaimResult SqliteJobStore::reclaim(const ReclaimRequest& request) {
  ReclaimResult result;
  writer_.run("reclaim", [&](Session& session) { result = sqlite::reclaim(session, request); });
  return result;
}

ExpireResult SqliteJobStore::expire(std::size_t max) {
  ExpireResult result;
  writer_.run("expire", [&](Session& session) { result = sqlite::expire(session, max); });
  return result;
}

void SqliteJobStore::report(std::span<const Report> reports) {
  if (reports.empty()) return;
  writer_.run("report", [&](Session& session) { sqlite::report(session, reports); });
}

std::vector<Revoked> SqliteJobStore::revoked(std::span<const ExecutionRef> executions) {
  std::vector<Revoked> revoked;
  if (executions.empty()) return revoked;
  Snapshot snapshot = readers_.look("revoked");
  for (const ExecutionRef& execution : executions) {
    const std::optional<JobRow> row =
        find_job(snapshot.database(), execution.job, execution.locator);
    if (!row) {
      revoked.push_back({execution, {}});
    } else if (row->kind != StateKind::running || row->epoch != execution.epoch) {
      revoked.push_back({execution, snapshot.catalogue().state_name(row->state)});
    }
  }
  return revoked;
}

bool SqliteJobStore::set_parameters(
    JobId job, const std::map<std::string, std::optional<std::string>>& parameters) {
  bool exists = false;
  writer_.run("set parameters",
              [&](Session& session) { exists = sqlite::set_parameters(session, job, parameters); });
  return exists;
}

}  // namespace portfire::sqlite
