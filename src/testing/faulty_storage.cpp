#include <portfire/testing/faulty_storage.hpp>

#include <mutex>
#include <string>
#include <utility>

#include <portfire/error.hpp>

namespace portfire::testing {

// Decides the fate of each verb. The verb itself runs outside the lock: it may wait.
class FaultyStorage::Faults {
 public:
  template <class Verb>
  auto run(const char* operation, Verb verb) {
    const Fate fate = next();
    if (fate == Fate::fails_before) throw failure(operation, false);
    if constexpr (std::is_void_v<decltype(verb())>) {
      verb();
      if (fate == Fate::fails_after) throw failure(operation, true);
    } else {
      auto result = verb();
      if (fate == Fate::fails_after) throw failure(operation, true);
      return result;
    }
  }

  void order(std::uint64_t n, FaultMoment moment, bool repeat) {
    const std::scoped_lock lock{mutex_};
    until_failure_ = n;
    period_ = repeat ? n : 0;
    moment_ = moment;
  }
  void set_down(bool down) {
    const std::scoped_lock lock{mutex_};
    down_ = down;
  }
  std::uint64_t verbs() {
    const std::scoped_lock lock{mutex_};
    return verbs_;
  }
  std::uint64_t failures() {
    const std::scoped_lock lock{mutex_};
    return failures_;
  }

 private:
  enum class Fate : unsigned char { succeeds, fails_before, fails_after };

  Fate next() {
    const std::scoped_lock lock{mutex_};
    ++verbs_;
    if (down_) return Fate::fails_before;
    if (until_failure_ == 0 || --until_failure_ > 0) return Fate::succeeds;
    until_failure_ = period_;
    ++failures_;
    return moment_ == FaultMoment::before_effect ? Fate::fails_before : Fate::fails_after;
  }

  static StorageError failure(const char* operation, bool connection_lost) {
    return {connection_lost ? "the connection was lost (injected)" : "no connection (injected)",
            {.operation = operation, .retryable = true, .connection_lost = connection_lost}};
  }

  std::mutex mutex_;
  std::uint64_t until_failure_ = 0;                  // guarded by mutex_; 0: none is ordered
  std::uint64_t period_ = 0;                         // guarded by mutex_
  FaultMoment moment_ = FaultMoment::before_effect;  // guarded by mutex_
  bool down_ = false;                                // guarded by mutex_
  std::uint64_t verbs_ = 0;                          // guarded by mutex_
  std::uint64_t failures_ = 0;                       // guarded by mutex_
};

class FaultyStorage::FaultyJobStore : public ForwardingJobStore {
 public:
  FaultyJobStore(JobStore& target, Faults& faults) : ForwardingJobStore{target}, faults_{faults} {}

  std::vector<CommitResult> commit(std::span<const Unit> units) override {
    return faults_.run("commit", [&] { return target().commit(units); });
  }
  ClaimResult claim(const ClaimRequest& request) override {
    return faults_.run("claim", [&] { return target().claim(request); });
  }
  std::vector<ExecutionRef> held(ServerId server) override {
    return faults_.run("held", [&] { return target().held(server); });
  }
  ReleaseResult release(std::span<const Released> executions) override {
    return faults_.run("release", [&] { return target().release(executions); });
  }
  PromoteResult promote(const PromoteRequest& request) override {
    return faults_.run("promote", [&] { return target().promote(request); });
  }
  ReclaimResult reclaim(const ReclaimRequest& request) override {
    return faults_.run("reclaim", [&] { return target().reclaim(request); });
  }
  ExpireResult expire(std::size_t max) override {
    return faults_.run("expire", [&] { return target().expire(max); });
  }
  void report(std::span<const Report> reports) override {
    faults_.run("report", [&] { target().report(reports); });
  }
  std::vector<Revoked> revoked(std::span<const ExecutionRef> executions) override {
    return faults_.run("revoked", [&] { return target().revoked(executions); });
  }
  bool set_parameters(
      JobId job, const std::map<std::string, std::optional<std::string>>& parameters) override {
    return faults_.run("set_parameters", [&] { return target().set_parameters(job, parameters); });
  }

 private:
  Faults& faults_;
};

class FaultyStorage::FaultyCoordination : public ForwardingCoordination {
 public:
  FaultyCoordination(Coordination& target, Faults& faults)
      : ForwardingCoordination{target}, faults_{faults} {}

  void announce(const ServerInfo& server) override {
    faults_.run("announce", [&] { target().announce(server); });
  }
  HeartbeatResult heartbeat(ServerId server) override {
    return faults_.run("heartbeat", [&] { return target().heartbeat(server); });
  }
  void remove(ServerId server) override {
    faults_.run("remove", [&] { target().remove(server); });
  }
  bool ask_to_stop(ServerId server) override {
    return faults_.run("ask_to_stop", [&] { return target().ask_to_stop(server); });
  }
  std::optional<LockGrant> acquire_lock(const std::string& name, const std::string& owner,
                                        Duration lease) override {
    return faults_.run("acquire_lock", [&] { return target().acquire_lock(name, owner, lease); });
  }
  bool renew_lock(const LockGrant& lock, Duration lease) override {
    return faults_.run("renew_lock", [&] { return target().renew_lock(lock, lease); });
  }
  void release_lock(const LockGrant& lock) override {
    faults_.run("release_lock", [&] { target().release_lock(lock); });
  }
  std::vector<QueueSettings> queue_settings() override {
    return faults_.run("queue_settings", [&] { return target().queue_settings(); });
  }
  bool set_queue(const QueueSettings& settings) override {
    return faults_.run("set_queue", [&] { return target().set_queue(settings); });
  }
  RecurringDue due_recurring(const RecurringRequest& request) override {
    return faults_.run("due_recurring", [&] { return target().due_recurring(request); });
  }
  std::optional<RecurringRecord> recurring(const std::string& id) override {
    return faults_.run("recurring", [&] { return target().recurring(id); });
  }
  std::vector<RecurringRecord> list_recurring(const RecurringQuery& query) override {
    return faults_.run("list_recurring", [&] { return target().list_recurring(query); });
  }
  std::uint64_t record(const AuditEntry& entry) override {
    return faults_.run("record", [&] { return target().record(entry); });
  }
  void conclude(std::uint64_t number, const std::string& outcome) override {
    faults_.run("conclude", [&] { target().conclude(number, outcome); });
  }

 private:
  Faults& faults_;
};

class FaultyStorage::FaultyMonitoring : public ForwardingMonitoring {
 public:
  FaultyMonitoring(Monitoring& target, Faults& faults)
      : ForwardingMonitoring{target}, faults_{faults} {}

  TimePoint now() override {
    return faults_.run("now", [&] { return target().now(); });
  }
  Statistics statistics() override {
    return faults_.run("statistics", [&] { return target().statistics(); });
  }
  std::vector<HourCount> history(TimePoint from, TimePoint to) override {
    return faults_.run("history", [&] { return target().history(from, to); });
  }
  JobPage list(const JobQuery& query) override {
    return faults_.run("list", [&] { return target().list(query); });
  }
  std::optional<JobDetails> job(JobId id) override {
    return faults_.run("job", [&] { return target().job(id); });
  }
  std::vector<LogEntry> log(JobId id, std::uint64_t after, std::size_t limit) override {
    return faults_.run("log", [&] { return target().log(id, after, limit); });
  }
  std::vector<QueueSummary> queues() override {
    return faults_.run("queues", [&] { return target().queues(); });
  }
  std::vector<ServerSummary> servers() override {
    return faults_.run("servers", [&] { return target().servers(); });
  }
  std::vector<AuditEntry> audit(const AuditQuery& query) override {
    return faults_.run("audit", [&] { return target().audit(query); });
  }
  StorageReport report() override {
    return faults_.run("report", [&] { return target().report(); });
  }

 private:
  Faults& faults_;
};

FaultyStorage::FaultyStorage(std::shared_ptr<Storage> wrapped)
    : ForwardingStorage{std::move(wrapped)},
      faults_{std::make_unique<Faults>()},
      jobs_{std::make_unique<FaultyJobStore>(target().jobs(), *faults_)},
      coordination_{std::make_unique<FaultyCoordination>(target().coordination(), *faults_)},
      monitoring_{std::make_unique<FaultyMonitoring>(target().monitoring(), *faults_)} {}

FaultyStorage::~FaultyStorage() = default;

void FaultyStorage::fail_nth(std::uint64_t n, FaultMoment moment) {
  faults_->order(n, moment, false);
}

void FaultyStorage::fail_every(std::uint64_t n, FaultMoment moment) {
  faults_->order(n, moment, true);
}

void FaultyStorage::fail_none() { faults_->order(0, FaultMoment::before_effect, false); }

std::uint64_t FaultyStorage::failures() const { return faults_->failures(); }

void FaultyStorage::go_down() { faults_->set_down(true); }

void FaultyStorage::come_up() { faults_->set_down(false); }

std::uint64_t FaultyStorage::verbs() const { return faults_->verbs(); }

JobStore& FaultyStorage::jobs() { return *jobs_; }

Coordination& FaultyStorage::coordination() { return *coordination_; }

Monitoring& FaultyStorage::monitoring() { return *monitoring_; }

}  // namespace portfire::testing
