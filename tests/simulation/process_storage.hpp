#pragma once

// The storage as one process sees it: over a network that delays and loses calls, with the ledger
// looking on where the effect takes place. After the death of its process it does nothing.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/storage/forwarding.hpp>

#include "simulation/process.hpp"

namespace portfire::simulation {

// One call of a verb, on its way there and back.
class Call {
 public:
  // Waits, may throw, may not return.
  Call(Process& process, const char* verb);

  // Performs the effect, tells the ledger by `told(result)`, and goes the way back.
  template <class Effect, class Told>
  auto run(Effect effect, Told told) {
    ++process_.universe().verbs;
    if constexpr (std::is_void_v<decltype(effect())>) {
      effect();
      told();
      come_back();
    } else {
      auto result = effect();
      told(result);
      come_back();
      return result;
    }
  }

 private:
  void go();
  void come_back();
  [[noreturn]] void fail(const char* what, bool connection_lost) const;
  void leave_if_dead() const;
  void note(std::string_view what) const;

  Process& process_;
  const char* const verb_;
  const Fault fault_;
};

class ProcessStorage final : public Storage {
 public:
  explicit ProcessStorage(Process& process);
  ~ProcessStorage() override;

  JobStore& jobs() override { return *jobs_; }
  Coordination& coordination() override { return *coordination_; }
  Monitoring& monitoring() override { return *monitoring_; }
  Wakeup& wakeup() override { return *wakeup_; }
  [[nodiscard]] StorageCapabilities capabilities() const override {
    return {.durable = true, .shared = true, .push_wakeup = true};
  }
  [[nodiscard]] std::string description() const override { return "simulated:"; }
  [[nodiscard]] const std::shared_ptr<Runtime>& runtime() const override {
    return process_.runtime();
  }

 private:
  Process& process_;
  const std::unique_ptr<JobStore> jobs_;
  const std::unique_ptr<Coordination> coordination_;
  const std::unique_ptr<Monitoring> monitoring_;
  const std::unique_ptr<Wakeup> wakeup_;
};

}  // namespace portfire::simulation
