#include "client/committer.hpp"

#include <algorithm>
#include <array>

#include <portfire/error.hpp>

namespace portfire {

// 0, 50, 100, then 500 ms: quick enough for a caller that waits, slow enough for a restart to end.
void Committer::wait(int attempt) {
  constexpr std::array<int, 4> milliseconds = {0, 50, 100, 500};
  const int pause = milliseconds.at(static_cast<std::size_t>(std::min(attempt, 3)));
  if (pause == 0) return;
  Runtime& runtime = *storage_->runtime();
  runtime.make_event()->wait_until(runtime.steady_now() + std::chrono::milliseconds{pause}, {});
}

std::vector<CommitResult> Committer::commit(std::span<Unit> units) {
  for (int attempt = 0;; ++attempt) {
    for (Unit& unit : units) unit.is_new = attempt == 0;
    try {
      auto results = storage_->jobs().commit(units);
      const bool busy = std::any_of(results.begin(), results.end(), [](const CommitResult& result) {
        return result.status == CommitStatus::busy;
      });
      // Units that were applied are recognised when sent again.
      if (!busy || attempt >= resends_) return results;
    } catch (const StorageError& error) {
      const bool may_pass = error.retryable() || error.connection_lost();
      if (!may_pass || attempt >= resends_) throw;
    }
    wait(attempt);
  }
}

}  // namespace portfire
