#pragma once

/// How one part of the system learns at once that another has changed something.
///
/// Topics: `queue/<name>` (jobs became ready there, or its settings changed), `settings` (those of
/// some queue changed), `due` (a timed job was stored that may be the next), `recurring` (the
/// template of a recurring job was changed), `server/<id>` (an execution of that server was taken
/// away, or it was asked to stop), `job/<id>` (that job entered a state with an ending or of kind
/// *parked* or *final*).
///
/// A wake-up is a hint: it may come too often and, where a storage cannot push, as late as its
/// polling interval; nothing may depend on one for correctness. Storages notify after their commits
/// by themselves. Threads: any thread.

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/runtime.hpp>

namespace portfire {

namespace topics {
inline std::string queue(std::string_view name) { return "queue/" + std::string{name}; }
inline std::string settings() { return "settings"; }
inline std::string due() { return "due"; }
inline std::string recurring() { return "recurring"; }
inline std::string server(ServerId id) { return "server/" + to_string(id); }
inline std::string job(JobId id) { return "job/" + to_string(id); }
}  // namespace topics

/// A lasting interest in some topics. What happens between two waits is not missed.
class Subscription {
 public:
  /// Ends the interest.
  virtual ~Subscription() = default;

  /// Waits for news since the last wait. Returns true when there were any, false at `deadline` or
  /// on `stop`. One thread at a time.
  virtual bool wait_until(SteadyPoint deadline, std::stop_token stop) = 0;

  /// Lets the present or next wait return true.
  virtual void poke() = 0;

  /// Sends news and pokes elsewhere: from now on each calls `told` instead of ending a wait. What
  /// has come since the last wait is passed on at once. Called at most once, before anybody else
  /// uses the subscription. `told` lives as long as the subscription; it is called by any thread,
  /// perhaps in the midst of the storage's work: it waits for nobody and uses no storage.
  /// Returns false, and changes nothing, where only waiting is offered: the default.
  virtual bool forward_to(std::function<void()> told) {
    static_cast<void>(told);
    return false;
  }

  /// After `forward_to`: what `told` has called for is done, and the next news are awaited. Those
  /// in between are passed on too, but a storage may spare itself the ones of other processes. Any
  /// thread.
  virtual void await_more() {}
};

class Wakeup {
 public:
  virtual ~Wakeup() = default;

  /// Begins an interest. News from the moment of this call on are not missed. The subscription must
  /// not outlive the storage.
  virtual std::unique_ptr<Subscription> subscribe(std::vector<std::string> topics) = 0;

  /// Tells everybody, in every process, who is interested in one of the topics.
  virtual void notify(std::span<const std::string> topics) = 0;
};

}  // namespace portfire
