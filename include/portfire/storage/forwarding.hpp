#pragma once

/// Storages that pass every call on to another one. A base for those that change a few verbs and
/// leave the rest: faults, delays, counting, recording.
///
/// The four `Forwarding…` parts refer to their target, which outlives them; `ForwardingStorage`
/// shares it. Threads and errors: the target's.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <portfire/storage/storage.hpp>

namespace portfire {

/// Passes every verb on to `target()`.
class ForwardingJobStore : public JobStore {
 public:
  explicit ForwardingJobStore(JobStore& target) : target_{target} {}

  std::vector<CommitResult> commit(std::span<const Unit> units) override {
    return target_.commit(units);
  }
  ClaimResult claim(const ClaimRequest& request) override { return target_.claim(request); }
  std::vector<ExecutionRef> held(ServerId server) override { return target_.held(server); }
  ReleaseResult release(std::span<const Released> executions) override {
    return target_.release(executions);
  }
  PromoteResult promote(const PromoteRequest& request) override { return target_.promote(request); }
  ReclaimResult reclaim(const ReclaimRequest& request) override { return target_.reclaim(request); }
  ExpireResult expire(std::size_t max) override { return target_.expire(max); }
  void report(std::span<const Report> reports) override { target_.report(reports); }
  std::vector<Revoked> revoked(std::span<const ExecutionRef> executions) override {
    return target_.revoked(executions);
  }
  bool set_parameters(
      JobId job, const std::map<std::string, std::optional<std::string>>& parameters) override {
    return target_.set_parameters(job, parameters);
  }

 protected:
  JobStore& target() { return target_; }

 private:
  JobStore& target_;
};

/// Passes every verb on to `target()`.
class ForwardingCoordination : public Coordination {
 public:
  explicit ForwardingCoordination(Coordination& target) : target_{target} {}

  void announce(const ServerInfo& server) override { target_.announce(server); }
  HeartbeatResult heartbeat(ServerId server) override { return target_.heartbeat(server); }
  void remove(ServerId server) override { target_.remove(server); }
  bool ask_to_stop(ServerId server) override { return target_.ask_to_stop(server); }
  std::optional<LockGrant> acquire_lock(const std::string& name, const std::string& owner,
                                        Duration lease) override {
    return target_.acquire_lock(name, owner, lease);
  }
  bool renew_lock(const LockGrant& lock, Duration lease) override {
    return target_.renew_lock(lock, lease);
  }
  void release_lock(const LockGrant& lock) override { target_.release_lock(lock); }
  std::vector<QueueSettings> queue_settings() override { return target_.queue_settings(); }
  bool set_queue(const QueueSettings& settings) override { return target_.set_queue(settings); }
  RecurringDue due_recurring(const RecurringRequest& request) override {
    return target_.due_recurring(request);
  }
  std::optional<RecurringRecord> recurring(const std::string& id) override {
    return target_.recurring(id);
  }
  std::vector<RecurringRecord> list_recurring(const RecurringQuery& query) override {
    return target_.list_recurring(query);
  }
  std::uint64_t record(const AuditEntry& entry) override { return target_.record(entry); }
  void conclude(std::uint64_t number, const std::string& outcome) override {
    target_.conclude(number, outcome);
  }

 protected:
  Coordination& target() { return target_; }

 private:
  Coordination& target_;
};

/// Passes every question on to `target()`.
class ForwardingMonitoring : public Monitoring {
 public:
  explicit ForwardingMonitoring(Monitoring& target) : target_{target} {}

  TimePoint now() override { return target_.now(); }
  Statistics statistics() override { return target_.statistics(); }
  std::vector<HourCount> history(TimePoint from, TimePoint to) override {
    return target_.history(from, to);
  }
  JobPage list(const JobQuery& query) override { return target_.list(query); }
  std::optional<JobDetails> job(JobId id) override { return target_.job(id); }
  std::vector<LogEntry> log(JobId id, std::uint64_t after, std::size_t limit) override {
    return target_.log(id, after, limit);
  }
  std::vector<QueueSummary> queues() override { return target_.queues(); }
  std::vector<ServerSummary> servers() override { return target_.servers(); }
  std::vector<AuditEntry> audit(const AuditQuery& query) override { return target_.audit(query); }
  StorageReport report() override { return target_.report(); }

 protected:
  Monitoring& target() { return target_; }

 private:
  Monitoring& target_;
};

/// Passes subscriptions and notifications on to `target()`.
class ForwardingWakeup : public Wakeup {
 public:
  explicit ForwardingWakeup(Wakeup& target) : target_{target} {}

  std::unique_ptr<Subscription> subscribe(std::vector<std::string> topics) override {
    return target_.subscribe(std::move(topics));
  }
  void notify(std::span<const std::string> topics) override { target_.notify(topics); }

 protected:
  Wakeup& target() { return target_; }

 private:
  Wakeup& target_;
};

/// Answers with the target's own parts; a derived class replaces those that it wants to change.
class ForwardingStorage : public Storage {
 public:
  explicit ForwardingStorage(std::shared_ptr<Storage> target) : target_{std::move(target)} {}

  JobStore& jobs() override { return target_->jobs(); }
  Coordination& coordination() override { return target_->coordination(); }
  Monitoring& monitoring() override { return target_->monitoring(); }
  Wakeup& wakeup() override { return target_->wakeup(); }
  [[nodiscard]] StorageCapabilities capabilities() const override {
    return target_->capabilities();
  }
  [[nodiscard]] std::string description() const override { return target_->description(); }
  [[nodiscard]] const std::shared_ptr<Runtime>& runtime() const override {
    return target_->runtime();
  }

 protected:
  Storage& target() { return *target_; }

 private:
  const std::shared_ptr<Storage> target_;
};

}  // namespace portfire
