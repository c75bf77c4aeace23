#include "server/server_watch.hpp"

#include <algorithm>

namespace portfire::server {

std::vector<ServerId> ServerWatch::observe(std::span<const ServerBeat> servers, ServerId self,
                                           SteadyPoint asked_at, SteadyPoint answered_at) {
  // From one question to the answer to the next: nothing that came between them is left out.
  const bool blind = !last_asked_ || answered_at - *last_asked_ > longest_gap_;
  last_asked_ = asked_at;
  std::map<ServerId, Seen> seen;
  std::vector<ServerId> dead;
  for (const ServerBeat& server : servers) {
    if (server.id == self) continue;
    Seen entry{.number = server.number, .since = answered_at, .lease = server.lease};
    const auto before = seen_.find(server.id);
    if (!blind && before != seen_.end() && before->second.number == server.number) {
      entry.since = before->second.since;
    }
    if (asked_at - entry.since >= server.lease) dead.push_back(server.id);
    seen.emplace(server.id, entry);
  }
  seen_ = std::move(seen);
  return dead;
}

std::optional<SteadyPoint> ServerWatch::next_expiry() const {
  std::optional<SteadyPoint> next;
  for (const auto& [id, seen] : seen_) {
    const SteadyPoint expiry = seen.since + seen.lease;
    if (!next || expiry < *next) next = expiry;
  }
  return next;
}

}  // namespace portfire::server
