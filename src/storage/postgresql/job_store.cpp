#include "storage/postgresql/job_store.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "storage/common/local_news.hpp"
#include "storage/common/requests.hpp"
#include "storage/postgresql/unit_json.hpp"

namespace portfire::postgresql {

namespace {

int limited(std::size_t count) {
  return static_cast<int>(
      std::min(count, static_cast<std::size_t>(std::numeric_limits<int>::max())));
}

// From the columns of the type `execution`, the first of which is `at`.
Execution execution_in(const Result& rows, int at) {
  return {.ref = {.job = rows.id<JobId>(at + 1),
                  .epoch = rows.number<std::uint64_t>(at + 2),
                  .locator = rows.number(at)},
          .name = rows.string(at + 3),
          .arguments = rows.string(at + 4),
          .queue = rows.string(at + 5),
          .priority = rows.number<int>(at + 6),
          .attempt = rows.number<std::uint32_t>(at + 7),
          .parameters = rows.text_map(at + 8),
          .batch = rows.id<JobId>(at + 14),
          .created_at = rows.time(at + 9),
          .ready_at = rows.time(at + 10),
          .claimed_at = rows.time(at + 11),
          .suspect = rows.flag(at + 12),
          .crashes = rows.number<std::uint32_t>(at + 13)};
}

// Upkeep may meet any amount of work; it is stopped rather than left to run for ever.
Result run_limited(Connection& connection, const Statement& statement) {
  const Options& options = connection.settings().options();
  const auto limit =
      std::chrono::duration_cast<std::chrono::milliseconds>(options.maintenance_timeout);
  // The server's own limit comes first.
  connection.limit_silence(options.maintenance_timeout + options.answer_timeout);
  const std::array both{
      Statement{Query::limit_statements, Parameters::of(std::to_string(limit.count()))}, statement};
  return std::move(connection.run_together(both).back());
}

ClaimResult claim_once(Connection& connection, const ClaimRequest& request) {
  Result rows = connection.run(Query::claim, Interval{connection.settings().shift()},
                               request.server, request.token, request.queues, limited(request.max));
  ClaimResult taken;
  while (rows.next()) taken.executions.push_back(execution_in(rows, 0));
  return taken;
}

// A former attempt may still be on its way. It finds what this one has taken; and where that is
// nothing, a note that the token is used up, or it would take jobs that nobody runs.
ClaimResult claim_again(Connection& connection, const ClaimRequest& request) {
  Transaction transaction{connection};
  ClaimResult taken = claim_once(connection, request);
  if (taken.executions.empty()) {
    connection.run(Query::note_empty_claim, Interval{connection.settings().shift()}, request.server,
                   request.token);
  }
  transaction.commit();
  return taken;
}

}  // namespace

std::vector<CommitResult> PostgresqlJobStore::commit(std::span<const Unit> units) {
  check_units(units);
  std::vector<CommitResult> results = committer_.commit(units);
  tell_here(hub_, units, results);
  return results;
}

ClaimResult PostgresqlJobStore::claim(const ClaimRequest& request) {
  if (claims_.took_nothing(request)) return {};
  ClaimResult result = pool_.with("claim", [&](Connection& connection) {
    return claims_.asks(request.server) ? claim_again(connection, request)
                                        : claim_once(connection, request);
  });
  claims_.answered(request, result.executions);
  return result;
}

std::vector<ExecutionRef> PostgresqlJobStore::held(ServerId server) {
  return pool_.with("held", [&](Connection& connection) {
    Result rows = connection.run(Query::held, server);
    std::vector<ExecutionRef> all;
    while (rows.next()) {
      all.push_back({.job = rows.id<JobId>(0),
                     .epoch = rows.number<std::uint64_t>(1),
                     .locator = rows.number(2)});
    }
    return all;
  });
}

ReleaseResult PostgresqlJobStore::release(std::span<const Released> executions) {
  if (executions.empty()) return {};
  Parameters values = Parameters::of(Interval{pool_.settings().shift()});
  values.add_array(executions, [](const Released& one) { return one.execution.job; });
  values.add_array(executions, [](const Released& one) { return one.execution.epoch; });
  values.add_array(executions, [](const Released& one) { return one.execution.locator; });
  values.add_array(executions, [](const Released& one) { return one.reason; });
  const Statement statement{Query::release, std::move(values)};
  std::vector<std::int64_t> busy;
  ReleaseResult result;
  pool_.with("release", [&](Connection& connection) {
    Result rows = connection.run(statement);
    rows.next();
    result.released = rows.number<std::size_t>(0);
    busy = rows.numbers(1);
  });
  std::int64_t position = 0;
  for (const Released& one : executions) {
    if (std::ranges::find(busy, ++position) == busy.end()) {
      claims_.ended(one.execution);
    } else {
      result.busy.push_back(one);
    }
  }
  return result;
}

PromoteResult PostgresqlJobStore::promote(const PromoteRequest& request) {
  const Statement statement{Query::promote, Parameters::of(Interval{pool_.settings().shift()},
                                                           limited(request.max), request.elect)};
  return pool_.with("promote", [&](Connection& connection) {
    Result rows = run_limited(connection, statement);
    rows.next();
    return promote_result_of(rows.json(0));
  });
}

ReclaimResult PostgresqlJobStore::reclaim(const ReclaimRequest& request) {
  const Statement statement{Query::reclaim,
                            Parameters::of(Interval{pool_.settings().shift()}, request.servers,
                                           request.by, static_cast<int>(request.crash_limit))};
  // Not again after a lost connection: the poison would be in the answer that was lost, and the
  // caller has to know that.
  ReclaimResult result = pool_.with(
      "reclaim",
      [&](Connection& connection) {
        Result rows = run_limited(connection, statement);
        ReclaimResult taken;
        if (rows.next()) taken.requeued = rows.number<std::size_t>(0);
        while (rows.next()) taken.poisoned.push_back(execution_in(rows, 1));
        return taken;
      },
      Again::no);
  claims_.taken(result.poisoned);
  return result;
}

ExpireResult PostgresqlJobStore::expire(std::size_t max) {
  const Statement statement{Query::expire,
                            Parameters::of(Interval{pool_.settings().shift()}, limited(max))};
  return pool_.with("expire", [&](Connection& connection) {
    Result rows = run_limited(connection, statement);
    rows.next();
    return ExpireResult{.removed = rows.number<std::size_t>(0), .more = rows.flag(1)};
  });
}

void PostgresqlJobStore::report(std::span<const Report> reports) {
  if (reports.empty()) return;
  const std::string json = json_of_reports(reports);
  pool_.with("report", [&](Connection& connection) {
    connection.run(Query::report, Interval{pool_.settings().shift()}, Json{json});
  });
}

std::vector<Revoked> PostgresqlJobStore::revoked(std::span<const ExecutionRef> executions) {
  if (executions.empty()) return {};
  Parameters values;
  values.add_array(executions, [](const ExecutionRef& one) { return one.job; });
  values.add_array(executions, [](const ExecutionRef& one) { return one.epoch; });
  values.add_array(executions, [](const ExecutionRef& one) { return one.locator; });
  const Statement statement{Query::revoked, std::move(values)};
  auto revoked = pool_.with("revoked", [&](Connection& connection) {
    Result rows = connection.run(statement);
    std::vector<Revoked> all;
    while (rows.next()) {
      const auto position = rows.number<std::size_t>(0);
      all.push_back({.execution = executions[position - 1], .state = rows.string(1)});
    }
    return all;
  });
  for (const Revoked& one : revoked) claims_.ended(one.execution);
  return revoked;
}

bool PostgresqlJobStore::set_parameters(
    JobId job, const std::map<std::string, std::optional<std::string>>& parameters) {
  const std::string json = json_of_parameters(parameters);
  return pool_.with("set parameters", [&](Connection& connection) {
    Result rows = connection.run(Query::set_parameters, job, Json{json});
    rows.next();
    return rows.flag(0);
  });
}

}  // namespace portfire::postgresql
