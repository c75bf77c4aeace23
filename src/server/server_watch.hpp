#pragma once

// Judges from heartbeat numbers alone which servers are dead.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include <portfire/storage/coordination.hpp>

namespace portfire::server {

// A server is dead when its number was seen to stand still for its whole lease, by the watcher's
// own steady clock, while the watcher's own reads succeeded throughout. So an outage of the
// storage, a suspended machine or a clock step makes nobody dead. Used by one thread.
class ServerWatch {
 public:
  // `longest_gap`: reads further apart than this prove nothing, and the watch begins anew.
  explicit ServerWatch(Duration longest_gap) : longest_gap_{longest_gap} {}

  // Takes in a successful read, asked for and answered at these times, and answers with the servers
  // that are dead. The numbers are of some time in between: a silence is counted from an answer, to
  // a question.
  std::vector<ServerId> observe(std::span<const ServerBeat> servers, ServerId self,
                                SteadyPoint asked_at, SteadyPoint answered_at);

  // When the next server would be dead if it stayed silent; nothing when none is watched.
  [[nodiscard]] std::optional<SteadyPoint> next_expiry() const;

 private:
  struct Seen {
    std::uint64_t number;
    SteadyPoint since;
    Duration lease;
  };

  const Duration longest_gap_;
  std::optional<SteadyPoint> last_asked_;
  std::map<ServerId, Seen> seen_;
};

}  // namespace portfire::server
