#pragma once

// Where the cases of this directory run: an installation of some engine's, and all that can go
// wrong around it. Each program says of which engine, in a file of its own.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <portfire/portfire.hpp>

#include "support/cuts.hpp"
#include "support/tcp_gate.hpp"

namespace portfire::faults {

// How a storage is opened.
struct Reach {
  bool listens = true;
  int max_connections = 4;
  Duration answer_timeout = std::chrono::seconds{10};
};

class Place {
 public:
  virtual ~Place() = default;

  // A new one on the engine's server of this program.
  static std::unique_ptr<Place> make();
  // In another process, by what `address` says.
  static std::shared_ptr<Storage> open_at(const std::vector<std::string>& address);

  [[nodiscard]] virtual std::vector<std::string> address() const = 0;
  [[nodiscard]] virtual std::shared_ptr<Storage> open(const Reach& reach) const = 0;
  [[nodiscard]] virtual std::shared_ptr<Storage> open_through_gate(const Reach& reach) const = 0;
  [[nodiscard]] virtual TcpGate& gate() = 0;
  // Small enough for two cuts in the shortest message, on a connection that is there or a new one.
  [[nodiscard]] virtual CutSteps cut_steps(bool is_new) const = 0;

  // How many jobs there are, counted beside all storages.
  [[nodiscard]] virtual std::size_t jobs() const = 0;

  // The server: what is stored outlives it.
  virtual void stop() = 0;
  virtual void start() = 0;
  virtual void freeze() = 0;
  virtual void thaw() = 0;
};

}  // namespace portfire::faults
