#pragma once

// What this process knows of its own claims.
//
// A claim is one row for all that it took. When the last of its executions has ended nobody needs
// the row, and this process knows that without asking the database. Only a saving: rows that are
// left over are removed by `expire`.

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/storage/job_store.hpp>

namespace portfire::postgresql {

// Threads: any.
class Claims {
 public:
  // A claim is sent. Whether there was one before of which nobody knows what became of it: it may
  // still be on its way.
  bool asks(ServerId server);
  // A claim was answered, with nothing perhaps.
  void answered(const ClaimRequest& request, std::span<const Execution> executions);
  // Executions that came in another way.
  void taken(std::span<const Execution> executions);

  // Whether the token is that of a claim that took nothing, or older: such a claim has left no row,
  // and takes nothing now.
  [[nodiscard]] bool took_nothing(const ClaimRequest& request);
  // Its tokens begin anew.
  void forget(ServerId server);

  // An execution has ended, was given back or was lost. Unknown ones do not matter.
  void ended(const ExecutionRef& execution);

  // Claims whose rows nobody needs, each once. The latest claim of a server is not among them: its
  // token may be sent again.
  std::vector<std::int64_t> take_ended();
  void put_back(const std::vector<std::int64_t>& claims);

 private:
  void add(std::span<const Execution> executions);  // with mutex_ held
  [[nodiscard]] bool is_latest(std::int64_t claim) const;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::unordered_map<std::int64_t, std::unordered_map<JobId, std::uint64_t>>
      outstanding_;  // epochs
  std::map<ServerId, std::int64_t> latest_;
  std::map<ServerId, std::uint64_t> empty_tokens_;
  std::set<ServerId> unanswered_;
  std::vector<std::int64_t> ended_;
};

}  // namespace portfire::postgresql
