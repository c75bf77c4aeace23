#include "scenarios/watched_storage.hpp"

#include <chrono>
#include <utility>

namespace portfire::scenarios {

namespace {

class WatchedJobStore final : public ForwardingJobStore {
 public:
  WatchedJobStore(JobStore& target, VerbCounter& counter)
      : ForwardingJobStore{target}, counter_{counter} {}

  std::vector<CommitResult> commit(std::span<const Unit> units) override {
    const VerbCounter::Guard guard{counter_};
    return target().commit(units);
  }
  ClaimResult claim(const ClaimRequest& request) override {
    const VerbCounter::Guard guard{counter_};
    return target().claim(request);
  }
  ReleaseResult release(std::span<const Released> executions) override {
    const VerbCounter::Guard guard{counter_};
    return target().release(executions);
  }
  PromoteResult promote(const PromoteRequest& request) override {
    const VerbCounter::Guard guard{counter_};
    return target().promote(request);
  }
  ReclaimResult reclaim(const ReclaimRequest& request) override {
    const VerbCounter::Guard guard{counter_};
    return target().reclaim(request);
  }
  ExpireResult expire(std::size_t max) override {
    const VerbCounter::Guard guard{counter_};
    return target().expire(max);
  }
  void report(std::span<const Report> reports) override {
    const VerbCounter::Guard guard{counter_};
    target().report(reports);
  }
  std::vector<Revoked> revoked(std::span<const ExecutionRef> executions) override {
    const VerbCounter::Guard guard{counter_};
    return target().revoked(executions);
  }

 private:
  VerbCounter& counter_;
};

class WatchedCoordination final : public ForwardingCoordination {
 public:
  WatchedCoordination(Coordination& target, VerbCounter& counter)
      : ForwardingCoordination{target}, counter_{counter} {}

  void announce(const ServerInfo& server) override {
    const VerbCounter::Guard guard{counter_};
    target().announce(server);
  }
  HeartbeatResult heartbeat(ServerId server) override {
    const VerbCounter::Guard guard{counter_};
    return target().heartbeat(server);
  }
  void remove(ServerId server) override {
    const VerbCounter::Guard guard{counter_};
    target().remove(server);
  }
  std::vector<QueueSettings> queue_settings() override {
    const VerbCounter::Guard guard{counter_};
    return target().queue_settings();
  }

 private:
  VerbCounter& counter_;
};

}  // namespace

bool VerbCounter::until(const std::function<bool()>& condition) {
  constexpr std::chrono::minutes longest{1};
  const auto deadline = std::chrono::steady_clock::now() + longest;
  for (;;) {
    std::uint64_t before = 0;
    {
      const std::lock_guard lock{mutex_};
      before = ended_;
    }
    if (condition()) return true;
    std::unique_lock lock{mutex_};
    if (!changed_.wait_until(lock, deadline, [&] { return ended_ != before; })) return false;
  }
}

void VerbCounter::count() {
  {
    const std::lock_guard lock{mutex_};
    ++ended_;
  }
  changed_.notify_all();
}

WatchedStorage::WatchedStorage(std::shared_ptr<Storage> target)
    : ForwardingStorage{std::move(target)},
      jobs_{std::make_unique<WatchedJobStore>(ForwardingStorage::jobs(), counter_)},
      coordination_{
          std::make_unique<WatchedCoordination>(ForwardingStorage::coordination(), counter_)} {}

WatchedStorage::~WatchedStorage() = default;

JobStore& WatchedStorage::jobs() { return *jobs_; }

Coordination& WatchedStorage::coordination() { return *coordination_; }

}  // namespace portfire::scenarios
