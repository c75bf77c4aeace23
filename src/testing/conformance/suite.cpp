#include <array>
#include <stdexcept>
#include <utility>

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {
namespace {

void require(bool condition, const std::string& otherwise) {
  if (!condition) throw std::runtime_error{otherwise};
}

}  // namespace

TestServer::TestServer(Storage& storage, ServerInfo info)
    : storage_{&storage}, info_{std::move(info)} {
  storage_->coordination().announce(info_);
}

std::vector<Execution> TestServer::claim(std::size_t max, std::vector<std::string> queues) {
  return claim_with(++token_, max, std::move(queues));
}

Execution TestServer::claim_one(const std::string& queue) {
  std::vector<Execution> executions = claim(1, {queue});
  require(executions.size() == 1, "there was no job to be claimed in queue " + queue);
  return std::move(executions.front());
}

std::vector<Execution> TestServer::claim_with(std::uint64_t token, std::size_t max,
                                              std::vector<std::string> queues) {
  return storage_->jobs()
      .claim({.server = info_.id, .token = token, .queues = std::move(queues), .max = max})
      .executions;
}

std::vector<ExecutionRef> TestServer::held() { return storage_->jobs().held(info_.id); }

void Suite::SetUpTestSuite() {
  constexpr std::array areas{
      keep_units,
      keep_transitions,
      keep_claiming,
      keep_leases,
      keep_poison,
      keep_continuations,
      keep_continuation_table,
      keep_batches,
      keep_promotion,
      keep_retention,
      keep_unique_keys,
      keep_replacing,
      keep_limits,
      keep_recurring,
      keep_reports,
      keep_histories,
      keep_lists,
      keep_searches,
      keep_numbers,
      keep_servers,
      keep_locks,
      keep_audit,
      keep_sizes,
      keep_queues,
      keep_wakeups,
      keep_lost_replies,
      keep_durability,
      keep_concurrency,
  };
  for (const auto keep : areas) keep();
}

Suite::Suite() : open_{GetParam().place()}, storage_{open_(offset_)} {}

Suite::~Suite() = default;

void Suite::reopen() {
  require(storage_.use_count() == 1, "the test still holds the storage that it wants to close");
  storage_.reset();
  storage_ = open_(offset_);
  if (server_) server_->rebind(*storage_);
}

std::shared_ptr<Storage> Suite::open_another() { return open_(offset_); }

CommitResult Suite::commit(const Unit& unit) {
  for (;;) {
    const std::vector<CommitResult> results = jobs().commit({&unit, 1});
    require(results.size() == 1, "commit must answer each unit once");
    if (results.front().status != CommitStatus::busy) return results.front();
  }
}

JobId Suite::create(const NewJob& job) {
  const CommitResult result = commit(unit().create(job));
  require(result.status == CommitStatus::applied, "the creation of " + job.name + " was refused");
  return job.id;
}

std::vector<JobId> Suite::create_many(std::size_t count, const std::string& queue) {
  UnitBuilder all = unit();
  std::vector<JobId> ids;
  for (std::size_t made = 0; made < count; ++made) {
    const JobBuilder one = job().queue(queue);
    all.create(one);
    ids.push_back(one.id());
  }
  require(commit(all).status == CommitStatus::applied, "the creation of jobs was refused");
  return ids;
}

CommitResult Suite::apply(const Transition& change) { return commit(unit().move(change)); }

CommitResult Suite::finish(const Execution& execution, State state) {
  return apply(testing::ending(execution, std::move(state)));
}

void Suite::move(JobId job, State state) {
  const std::string name = state.name;
  require(apply(testing::moving(job, std::move(state))).status == CommitStatus::applied,
          "the move to " + name + " was refused");
}

TestServer Suite::new_server(std::vector<std::string> job_names) {
  return {storage(),
          {.id = new_id<ServerId>(),
           .name = "test",
           .workers = 4,
           .queues = {"default"},
           .job_names = std::move(job_names)}};
}

TestServer& Suite::server() {
  if (!server_) server_ = new_server();
  return *server_;
}

std::vector<Execution> Suite::claim(std::size_t max, std::vector<std::string> queues) {
  return server().claim(max, std::move(queues));
}

std::size_t Suite::release(const Execution& execution, ReleaseReason reason) {
  const Released released{.execution = execution.ref, .reason = reason};
  return jobs().release({&released, 1}).released;
}

ReclaimResult Suite::reclaim(std::vector<ServerId> servers, std::uint32_t crash_limit) {
  return jobs().reclaim(
      {.servers = std::move(servers), .by = server().id(), .crash_limit = crash_limit});
}

PromoteResult Suite::promote() { return jobs().promote({}); }

JobDetails Suite::details(JobId job) {
  std::optional<JobDetails> found = monitoring().job(job);
  require(found.has_value(), "there is no job " + to_string(job));
  return std::move(*found);
}

std::string Suite::state_of(JobId job) {
  const std::optional<JobDetails> found = monitoring().job(job);
  return found ? found->state : "";
}

bool Suite::exists(JobId job) { return monitoring().job(job).has_value(); }

std::vector<std::string> Suite::history_of(JobId job) {
  std::vector<std::string> names;
  for (const HistoryEntry& entry : details(job).history) {
    names.push_back(entry.elected_away ? "(" + entry.state + ")" : entry.state);
  }
  return names;
}

std::uint64_t Suite::live_count(const std::string& state) {
  std::uint64_t count = 0;
  for (const StateCount& live : monitoring().statistics().live) {
    if (live.state == state) count += live.count;
  }
  return count;
}

std::uint64_t Suite::lifetime_count(const std::string& state) {
  const Statistics statistics = monitoring().statistics();
  const auto found = statistics.lifetime.find(state);
  return found == statistics.lifetime.end() ? 0 : found->second;
}

std::vector<JobId> ids_of(const std::vector<Execution>& executions) {
  std::vector<JobId> ids;
  for (const Execution& execution : executions) ids.push_back(execution.ref.job);
  return ids;
}

State custom_state(std::string name, StateKind kind, Ending ending) {
  return {.name = std::move(name), .kind = kind, .ending = ending};
}

}  // namespace portfire::conformance
