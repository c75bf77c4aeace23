#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <type_traits>
#include <utility>

#include <portfire/memory.hpp>

#include "storage/common/wakeup_hub.hpp"
#include "storage/memory/verbs.hpp"

namespace portfire::memory {
namespace {

// Half a change cannot be taken back without memory, and what is counted would be wrong for ever.
[[noreturn]] void end_for_want_of_memory() {
  std::fputs("Portfire: out of memory in the midst of a change of a memory storage\n", stderr);
  std::abort();
}

// Makes a change wholly, unless it is refused.
template <class Step>
auto whole(Step step) {
  try {
    return step();
  } catch (const std::bad_alloc&) {
    end_for_want_of_memory();
  }
}

// What the four interfaces share: the data, the lock around them, the clock.
class Core {
 public:
  explicit Core(Options options)
      : runtime{options.runtime ? std::move(options.runtime) : thread_runtime()},
        hub{runtime},
        time_offset_{std::move(options.time_offset)} {}

  // Makes one step on the data: `step(call)`. Tells its news when the lock is released.
  template <class Step>
  auto run(Step step) {
    std::unique_lock lock{mutex_};
    News news{hub.anybody_waits_for_jobs()};
    Call call{.data = data_, .news = news, .now = now()};
    if constexpr (std::is_void_v<decltype(step(call))>) {
      whole([&] { step(call); });
      lock.unlock();
      tell(news);
    } else {
      auto result = whole([&] { return step(call); });
      lock.unlock();
      tell(news);
      return result;
    }
  }

  // Looks at the data, without news.
  template <class Look>
  auto read(Look look) {
    const std::lock_guard lock{mutex_};
    return look(data_);
  }

  TimePoint now() { return runtime->now() + (time_offset_ ? time_offset_->get() : Duration{}); }

  const std::shared_ptr<Runtime> runtime;
  WakeupHub hub;

 private:
  void tell(const News& news) {
    try {
      hub.notify(news.topics());
    } catch (const std::bad_alloc&) {
      // The change is made. Whoever waits looks by itself after a while.
    }
  }

  const std::shared_ptr<const TimeOffset> time_offset_;
  std::mutex mutex_;
  Data data_;  // guarded by mutex_
};

class MemoryJobStore final : public JobStore {
 public:
  explicit MemoryJobStore(Core& core) : core_{core} {}

  std::vector<CommitResult> commit(std::span<const Unit> units) override {
    return core_.run([&](Call& call) { return memory::commit(call, units); });
  }
  ClaimResult claim(const ClaimRequest& request) override {
    return core_.run([&](Call& call) { return memory::claim(call, request); });
  }
  std::vector<ExecutionRef> held(ServerId server) override {
    return core_.read([&](Data& data) { return memory::held(data, server); });
  }
  ReleaseResult release(std::span<const Released> executions) override {
    return {core_.run([&](Call& call) { return memory::release(call, executions); })};
  }
  PromoteResult promote(const PromoteRequest& request) override {
    return core_.run([&](Call& call) { return memory::promote(call, request); });
  }
  ReclaimResult reclaim(const ReclaimRequest& request) override {
    return core_.run([&](Call& call) { return memory::reclaim(call, request); });
  }
  ExpireResult expire(std::size_t max) override {
    return core_.run([&](Call& call) { return memory::expire(call, max); });
  }
  void report(std::span<const Report> reports) override {
    core_.run([&](Call& call) { memory::report(call, reports); });
  }
  std::vector<Revoked> revoked(std::span<const ExecutionRef> executions) override {
    return core_.read([&](Data& data) { return memory::revoked(data, executions); });
  }
  bool set_parameters(JobId job, const ParameterChanges& parameters) override {
    return core_.run(
        [&](Call& call) { return memory::set_parameters(call.data, job, parameters); });
  }

 private:
  Core& core_;
};

class MemoryCoordination final : public Coordination {
 public:
  explicit MemoryCoordination(Core& core) : core_{core} {}

  void announce(const ServerInfo& server) override {
    core_.run([&](Call& call) { memory::announce(call, server); });
  }
  HeartbeatResult heartbeat(ServerId server) override {
    return core_.run([&](Call& call) { return memory::heartbeat(call, server); });
  }
  void remove(ServerId server) override {
    core_.run([&](Call& call) { memory::remove_server(call, server); });
  }
  bool ask_to_stop(ServerId server) override {
    return core_.run([&](Call& call) { return memory::ask_to_stop(call, server); });
  }
  std::optional<LockGrant> acquire_lock(const std::string& name, const std::string& owner,
                                        Duration lease) override {
    return core_.run([&](Call& call) { return memory::acquire_lock(call, name, owner, lease); });
  }
  bool renew_lock(const LockGrant& lock, Duration lease) override {
    return core_.run([&](Call& call) { return memory::renew_lock(call, lock, lease); });
  }
  void release_lock(const LockGrant& lock) override {
    core_.run([&](Call& call) { memory::release_lock(call, lock); });
  }
  std::vector<QueueSettings> queue_settings() override {
    return core_.read([](Data& data) { return memory::queue_settings(data); });
  }
  bool set_queue(const QueueSettings& settings) override {
    return core_.run([&](Call& call) { return memory::set_queue(call, settings); });
  }
  RecurringDue due_recurring(const RecurringRequest& request) override {
    const TimePoint now = core_.now();
    return core_.read([&](Data& data) { return data.templates.due(request, now); });
  }
  std::optional<RecurringRecord> recurring(const std::string& id) override {
    return core_.read([&](Data& data) -> std::optional<RecurringRecord> {
      const RecurringRecord* found = data.templates.find(id);
      if (found == nullptr) return std::nullopt;
      return *found;
    });
  }
  std::vector<RecurringRecord> list_recurring(const RecurringQuery& query) override {
    return core_.read([&](Data& data) { return data.templates.list(query); });
  }
  std::uint64_t record(const AuditEntry& entry) override {
    return core_.run([&](Call& call) { return call.data.audit.record(entry, call.now); });
  }
  void conclude(std::uint64_t number, const std::string& outcome) override {
    core_.run([&](Call& call) { call.data.audit.conclude(number, outcome); });
  }

 private:
  Core& core_;
};

class MemoryMonitoring final : public Monitoring {
 public:
  explicit MemoryMonitoring(Core& core) : core_{core} {}

  TimePoint now() override { return core_.now(); }
  Statistics statistics() override {
    return core_.read([](Data& data) { return memory::statistics(data); });
  }
  std::vector<HourCount> history(TimePoint from, TimePoint to) override {
    return core_.read([&](Data& data) { return memory::history(data, from, to); });
  }
  JobPage list(const JobQuery& query) override {
    return core_.read([&](Data& data) { return memory::list(data, query); });
  }
  std::optional<JobDetails> job(JobId id) override {
    return core_.read([&](Data& data) { return memory::job_details(data, id); });
  }
  std::vector<LogEntry> log(JobId id, std::uint64_t after, std::size_t limit) override {
    return core_.read([&](Data& data) { return memory::log(data, id, after, limit); });
  }
  std::vector<QueueSummary> queues() override {
    return core_.read([](Data& data) { return memory::queues(data); });
  }
  std::vector<ServerSummary> servers() override {
    return core_.read([](Data& data) { return memory::servers(data); });
  }
  std::vector<AuditEntry> audit(const AuditQuery& query) override {
    return core_.read([&](Data& data) { return data.audit.list(query); });
  }
  StorageReport report() override {
    return core_.read([](Data& data) { return memory::storage_report(data); });
  }

 private:
  Core& core_;
};

class MemoryWakeup final : public Wakeup {
 public:
  explicit MemoryWakeup(Core& core) : core_{core} {}

  std::unique_ptr<Subscription> subscribe(std::vector<std::string> topics) override {
    return core_.hub.subscribe(std::move(topics));
  }
  void notify(std::span<const std::string> topics) override { core_.hub.notify(topics); }

 private:
  Core& core_;
};

class MemoryStorage final : public Storage {
 public:
  explicit MemoryStorage(Options options) : core_{std::move(options)} {}

  JobStore& jobs() override { return jobs_; }
  Coordination& coordination() override { return coordination_; }
  Monitoring& monitoring() override { return monitoring_; }
  Wakeup& wakeup() override { return wakeup_; }

  [[nodiscard]] StorageCapabilities capabilities() const override {
    // Nobody outside this process is to be reached, and everybody inside is told at once.
    return {.push_wakeup = true};
  }
  [[nodiscard]] std::string description() const override { return "memory:"; }
  [[nodiscard]] const std::shared_ptr<Runtime>& runtime() const override { return core_.runtime; }

 private:
  Core core_;
  MemoryJobStore jobs_{core_};
  MemoryCoordination coordination_{core_};
  MemoryMonitoring monitoring_{core_};
  MemoryWakeup wakeup_{core_};
};

}  // namespace

std::shared_ptr<Storage> open(Options options) {
  return std::make_shared<MemoryStorage>(std::move(options));
}

}  // namespace portfire::memory
