#include "simulation/process_storage.hpp"

#include <utility>

#include "simulation/ledger.hpp"

namespace portfire::simulation {
namespace {

constexpr auto nothing = [](const auto&...) {};

class ProcessJobStore final : public JobStore {
 public:
  explicit ProcessJobStore(Process& process) : process_{process} {}

  std::vector<CommitResult> commit(std::span<const Unit> units) override {
    return Call{process_, "commit"}.run(
        [&] { return truth().commit(units); },
        [&](const auto& results) { ledger().committed(process_, units, results); });
  }
  ClaimResult claim(const ClaimRequest& request) override {
    return Call{process_, "claim"}.run(
        [&] { return truth().claim(request); },
        [&](const ClaimResult& result) { ledger().claimed(process_, request, result); });
  }
  std::vector<ExecutionRef> held(ServerId server) override {
    return Call{process_, "held"}.run([&] { return truth().held(server); }, nothing);
  }
  ReleaseResult release(std::span<const Released> executions) override {
    return Call{process_, "release"}.run(
        [&] { return truth().release(executions); },
        [&](const ReleaseResult& result) { ledger().released(executions, result); });
  }
  PromoteResult promote(const PromoteRequest& request) override {
    return Call{process_, "promote"}.run([&] { return truth().promote(request); },
                                         [&](const PromoteResult& result) {
                                           if (result.promoted > 0)
                                             ledger().promoted(process_.universe().truth);
                                         });
  }
  ReclaimResult reclaim(const ReclaimRequest& request) override {
    return Call{process_, "reclaim"}.run(
        [&] { return truth().reclaim(request); },
        [&](const ReclaimResult& result) { ledger().reclaimed(process_, request, result); });
  }
  ExpireResult expire(std::size_t max) override {
    return Call{process_, "expire"}.run([&] { return truth().expire(max); }, nothing);
  }
  void report(std::span<const Report> reports) override {
    Call{process_, "report"}.run([&] { truth().report(reports); }, nothing);
  }
  std::vector<Revoked> revoked(std::span<const ExecutionRef> executions) override {
    return Call{process_, "revoked"}.run([&] { return truth().revoked(executions); }, nothing);
  }
  bool set_parameters(
      JobId job, const std::map<std::string, std::optional<std::string>>& parameters) override {
    return Call{process_, "set_parameters"}.run(
        [&] { return truth().set_parameters(job, parameters); }, nothing);
  }

 private:
  JobStore& truth() { return process_.universe().truth.jobs(); }
  Ledger& ledger() { return process_.universe().ledger; }

  Process& process_;
};

class ProcessCoordination final : public Coordination {
 public:
  explicit ProcessCoordination(Process& process) : process_{process} {}

  void announce(const ServerInfo& server) override {
    Call{process_, "announce"}.run([&] { truth().announce(server); },
                                   [&] { ledger().announced(process_, server); });
  }
  HeartbeatResult heartbeat(ServerId server) override {
    return Call{process_, "heartbeat"}.run(
        [&] { return truth().heartbeat(server); },
        [&](const HeartbeatResult& result) { ledger().beat(server, result); });
  }
  void remove(ServerId server) override {
    Call{process_, "remove"}.run([&] { truth().remove(server); },
                                 [&] { ledger().removed(server); });
  }
  bool ask_to_stop(ServerId server) override {
    return Call{process_, "ask_to_stop"}.run([&] { return truth().ask_to_stop(server); }, nothing);
  }
  std::optional<LockGrant> acquire_lock(const std::string& name, const std::string& owner,
                                        Duration lease) override {
    return Call{process_, "acquire_lock"}.run(
        [&] { return truth().acquire_lock(name, owner, lease); }, nothing);
  }
  bool renew_lock(const LockGrant& lock, Duration lease) override {
    return Call{process_, "renew_lock"}.run([&] { return truth().renew_lock(lock, lease); },
                                            nothing);
  }
  void release_lock(const LockGrant& lock) override {
    Call{process_, "release_lock"}.run([&] { truth().release_lock(lock); }, nothing);
  }
  std::vector<QueueSettings> queue_settings() override {
    return Call{process_, "queue_settings"}.run([&] { return truth().queue_settings(); }, nothing);
  }
  bool set_queue(const QueueSettings& settings) override {
    return Call{process_, "set_queue"}.run([&] { return truth().set_queue(settings); }, nothing);
  }
  RecurringDue due_recurring(const RecurringRequest& request) override {
    return Call{process_, "due_recurring"}.run([&] { return truth().due_recurring(request); },
                                               nothing);
  }
  std::optional<RecurringRecord> recurring(const std::string& id) override {
    return Call{process_, "recurring"}.run([&] { return truth().recurring(id); }, nothing);
  }
  std::vector<RecurringRecord> list_recurring(const RecurringQuery& query) override {
    return Call{process_, "list_recurring"}.run([&] { return truth().list_recurring(query); },
                                                nothing);
  }
  std::uint64_t record(const AuditEntry& entry) override {
    return Call{process_, "record"}.run([&] { return truth().record(entry); }, nothing);
  }
  void conclude(std::uint64_t number, const std::string& outcome) override {
    Call{process_, "conclude"}.run([&] { truth().conclude(number, outcome); }, nothing);
  }

 private:
  Coordination& truth() { return process_.universe().truth.coordination(); }
  Ledger& ledger() { return process_.universe().ledger; }

  Process& process_;
};

class ProcessMonitoring final : public Monitoring {
 public:
  explicit ProcessMonitoring(Process& process) : process_{process} {}

  TimePoint now() override {
    return Call{process_, "now"}.run([&] { return truth().now(); }, nothing);
  }
  Statistics statistics() override {
    return Call{process_, "statistics"}.run([&] { return truth().statistics(); }, nothing);
  }
  std::vector<HourCount> history(TimePoint from, TimePoint to) override {
    return Call{process_, "history"}.run([&] { return truth().history(from, to); }, nothing);
  }
  JobPage list(const JobQuery& query) override {
    return Call{process_, "list"}.run([&] { return truth().list(query); }, nothing);
  }
  std::optional<JobDetails> job(JobId id) override {
    return Call{process_, "job"}.run([&] { return truth().job(id); }, nothing);
  }
  std::vector<LogEntry> log(JobId id, std::uint64_t after, std::size_t limit) override {
    return Call{process_, "log"}.run([&] { return truth().log(id, after, limit); }, nothing);
  }
  std::vector<QueueSummary> queues() override {
    return Call{process_, "queues"}.run([&] { return truth().queues(); }, nothing);
  }
  std::vector<ServerSummary> servers() override {
    return Call{process_, "servers"}.run([&] { return truth().servers(); }, nothing);
  }
  std::vector<AuditEntry> audit(const AuditQuery& query) override {
    return Call{process_, "audit"}.run([&] { return truth().audit(query); }, nothing);
  }
  StorageReport report() override {
    return Call{process_, "storage report"}.run([&] { return truth().report(); }, nothing);
  }

 private:
  Monitoring& truth() { return process_.universe().truth.monitoring(); }

  Process& process_;
};

// News may be lost; what the process tells itself is not.
class ProcessSubscription final : public Subscription {
 public:
  ProcessSubscription(Process& process, std::unique_ptr<Subscription> truth)
      : process_{process}, truth_{std::move(truth)} {}

  bool wait_until(SteadyPoint deadline, std::stop_token stop) override {
    while (truth_->wait_until(deadline, stop)) {
      if (arrives()) return true;
    }
    return false;
  }
  void poke() override {
    poked_ = true;
    truth_->poke();
  }
  bool forward_to(std::function<void()> told) override {
    return truth_->forward_to([this, told = std::move(told)] {
      if (arrives()) told();
    });
  }
  void await_more() override { truth_->await_more(); }

 private:
  bool arrives() {
    const bool from_itself = std::exchange(poked_, false);
    if (process_.is_dead()) return true;
    return from_itself || !process_.universe().faults.lose_news();
  }

  Process& process_;
  const std::unique_ptr<Subscription> truth_;
  bool poked_ = false;
};

class ProcessWakeup final : public Wakeup {
 public:
  explicit ProcessWakeup(Process& process) : process_{process} {}

  std::unique_ptr<Subscription> subscribe(std::vector<std::string> topics) override {
    process_.universe().scheduler.leave_if_condemned();
    return std::make_unique<ProcessSubscription>(
        process_, process_.universe().truth.wakeup().subscribe(std::move(topics)));
  }
  void notify(std::span<const std::string> topics) override {
    if (!process_.is_dead()) process_.universe().truth.wakeup().notify(topics);
  }

 private:
  Process& process_;
};

}  // namespace

ProcessStorage::ProcessStorage(Process& process)
    : process_{process},
      jobs_{std::make_unique<ProcessJobStore>(process)},
      coordination_{std::make_unique<ProcessCoordination>(process)},
      monitoring_{std::make_unique<ProcessMonitoring>(process)},
      wakeup_{std::make_unique<ProcessWakeup>(process)} {}

ProcessStorage::~ProcessStorage() = default;

}  // namespace portfire::simulation
