#pragma once

// The storage engines, and what can be done to each.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <portfire/portfire.hpp>

#include "support/tcp_gate.hpp"

namespace portfire::chaos {

// An engine of this program's own, set so that what it has acknowledged outlives its process. What
// the members do has happened when they return. Threads: one.
class Engine {
 public:
  virtual ~Engine() = default;

  // `sqlite`, `postgresql` or `redis`; what it stores goes below the directory where it is a file.
  static std::unique_ptr<Engine> make(const std::string& name,
                                      const std::filesystem::path& directory);

  // For `open_at`, in any process: on the way that is disturbed, and beside it.
  [[nodiscard]] virtual std::vector<std::string> address() const = 0;
  [[nodiscard]] virtual std::vector<std::string> address_beside() const = 0;

  // The door on the way; none where there is no way.
  [[nodiscard]] virtual TcpGate* gate() { return nullptr; }

  // Whether it is a process of its own, so that the next four mean something.
  [[nodiscard]] virtual bool has_server() const { return false; }
  virtual void restart() {}
  virtual void kill() {}
  virtual void freeze() {}
  virtual void thaw() {}

  // Its data can grow no further. Where it lives in processes of others, in theirs.
  virtual void fill_disk(const std::vector<pid_t>& servers) = 0;
  // They can again. It serves when this returns.
  virtual void empty_disk(const std::vector<pid_t>& servers) = 0;

  // Copies what its own process has said to the directory, as `engine.log`; nothing where it has
  // none.
  virtual void save_log(const std::filesystem::path& /*directory*/) const noexcept {}
};

// Opens the storage at an address.
std::shared_ptr<Storage> open_at(const std::vector<std::string>& address);

}  // namespace portfire::chaos
