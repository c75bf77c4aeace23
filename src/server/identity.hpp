#pragma once

// Under which id this server is known just now; a lost lease makes it rejoin under a new one.

#include <cstdint>
#include <mutex>

#include <portfire/id.hpp>

namespace portfire::server {

// Threads: any.
class Identity {
 public:
  [[nodiscard]] ServerId id() const {
    const std::lock_guard lock{mutex_};
    return id_;
  }

  void assume(ServerId id) {
    const std::lock_guard lock{mutex_};
    id_ = id;
  }

 private:
  mutable std::mutex mutex_;
  ServerId id_;  // guarded by mutex_
};

}  // namespace portfire::server
