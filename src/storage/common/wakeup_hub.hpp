#pragma once

// Wake-ups within one process: the whole of them for memory storage, the local half for drivers
// whose other half comes from a file, a socket or a connection.

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <portfire/runtime.hpp>
#include <portfire/storage/wakeup.hpp>

namespace portfire {

// Threads: any. Subscriptions must be gone before the hub.
class WakeupHub {
 public:
  explicit WakeupHub(std::shared_ptr<Runtime> runtime);
  ~WakeupHub();

  std::unique_ptr<Subscription> subscribe(std::vector<std::string> topics);

  // Wakes the subscriptions of this process that have one of the topics.
  void notify(std::span<const std::string> topics);

  // Wakes every subscription of this process: something has changed elsewhere.
  void notify_all();

  // Whether anybody here has a topic that begins with `job/`; cheap, for hot paths.
  //
  // Asked inside the critical section (or after the commit) of a change, *no* means that whoever
  // subscribes later and then reads, as every waiter must, sees the change.
  [[nodiscard]] bool anybody_waits_for_jobs() const { return job_subscriptions_ > 0; }

 private:
  class Member;
  void remove(const Member& member);

  const std::shared_ptr<Runtime> runtime_;
  std::mutex mutex_;
  // Both in order of subscription: no address decides who wakes first.
  std::map<std::string, std::vector<Member*>, std::less<>> members_by_topic_;  // guarded by mutex_
  std::vector<Member*> members_;                                               // guarded by mutex_
  std::atomic<std::size_t> job_subscriptions_{0};
};

}  // namespace portfire
