#pragma once

// Commits units with the patience that one call to the client has.

#include <memory>
#include <span>
#include <vector>

#include <portfire/storage/storage.hpp>

namespace portfire {

class Committer {
 public:
  Committer(std::shared_ptr<Storage> storage, int resends)
      : storage_{std::move(storage)}, resends_{resends} {}

  // Sends new units; those that are busy, and all after an error that may pass, again. Throws the
  // last StorageError when the resends are used up. A unit is at worst still busy in the answer.
  std::vector<CommitResult> commit(std::span<Unit> units);

 private:
  void wait(int attempt);

  const std::shared_ptr<Storage> storage_;
  const int resends_;
};

}  // namespace portfire
