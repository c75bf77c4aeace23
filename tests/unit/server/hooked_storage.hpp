#pragma once

// A storage whose verbs do something else first, when a test says so.

#include <functional>
#include <memory>
#include <utility>

#include <portfire/error.hpp>
#include <portfire/storage/forwarding.hpp>

namespace portfire::server {

inline StorageError outage() { return {"away", {.operation = "test", .retryable = true}}; }
inline StorageError refusal_for_good() { return {"no room", {.operation = "test"}}; }

class HookedStorage final : public ForwardingStorage {
 public:
  explicit HookedStorage(std::shared_ptr<Storage> target)
      : ForwardingStorage{std::move(target)}, jobs_{ForwardingStorage::jobs(), *this} {}

  JobStore& jobs() override { return jobs_; }

  // Set before the threads start. What they throw, the verb throws; commits and releases may be
  // answered by them.
  std::function<std::optional<std::vector<CommitResult>>(std::span<const Unit>)> on_commit;
  std::function<void()> before_release;
  std::function<std::optional<ReleaseResult>(std::span<const Released>)> on_release;
  std::function<void()> after_claim;

 private:
  class Jobs final : public ForwardingJobStore {
   public:
    Jobs(JobStore& target, HookedStorage& hooks) : ForwardingJobStore{target}, hooks_{hooks} {}
    std::vector<CommitResult> commit(std::span<const Unit> units) override {
      auto answer = hooks_.on_commit ? hooks_.on_commit(units) : std::nullopt;
      return answer ? *answer : target().commit(units);
    }
    ReleaseResult release(std::span<const Released> executions) override {
      if (hooks_.before_release) hooks_.before_release();
      auto answer = hooks_.on_release ? hooks_.on_release(executions) : std::nullopt;
      return answer ? *answer : target().release(executions);
    }
    ClaimResult claim(const ClaimRequest& request) override {
      auto result = target().claim(request);
      if (hooks_.after_claim) hooks_.after_claim();
      return result;
    }

   private:
    HookedStorage& hooks_;
  };

  Jobs jobs_;
};

}  // namespace portfire::server
