#pragma once

// A storage that tells when something may have changed: tests wait for that, never for time.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include <portfire/storage/forwarding.hpp>

namespace portfire::scenarios {

// Counts the verbs that have ended, well or badly. Threads: any.
class VerbCounter {
 public:
  // Waits until `condition` holds, asking anew after each verb. False after a minute: a failure.
  bool until(const std::function<bool()>& condition);

  // Counts one when it goes out of scope.
  class Guard {
   public:
    explicit Guard(VerbCounter& counter) : counter_{counter} {}
    ~Guard() { counter_.count(); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    VerbCounter& counter_;
  };

 private:
  void count();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t ended_ = 0;  // guarded by mutex_
};

class WatchedStorage final : public ForwardingStorage {
 public:
  explicit WatchedStorage(std::shared_ptr<Storage> target);
  ~WatchedStorage() override;

  JobStore& jobs() override;
  Coordination& coordination() override;

  bool until(const std::function<bool()>& condition) { return counter_.until(condition); }

 private:
  VerbCounter counter_;
  const std::unique_ptr<JobStore> jobs_;
  const std::unique_ptr<Coordination> coordination_;
};

}  // namespace portfire::scenarios
