#pragma once

// One simulated process: its fibres, its clocks, its way to the storage, its death.

#include <functional>
#include <memory>
#include <string>

#include <portfire/storage/storage.hpp>

#include "simulation/faults.hpp"
#include "simulation/journal.hpp"
#include "simulation/scheduler.hpp"

namespace portfire::simulation {

class Ledger;

// What all processes share.
struct Universe {
  Scheduler& scheduler;
  Journal& journal;
  Faults& faults;
  Ledger& ledger;
  Storage& truth;  // the storage without faults
  SteadyPoint outage_until{};
  std::uint64_t verbs = 0;
};

// Lives as long as the run, also when it is dead: others may still ask for it.
class Process {
 public:
  Process(Universe& universe, std::string name, std::uint64_t seed, std::uint64_t stream);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Runs `main` as its first fibre. Called once.
  void start(std::function<void()> main);

  // Its fibres never go on; nothing of it touches the storage any more.
  void die();
  [[nodiscard]] bool is_dead() const { return group_.condemned; }
  // Whether it has come to its end, of its own accord or by dying.
  [[nodiscard]] bool is_over() const { return started_ && group_.fibres.empty(); }
  // For so long its calls come to nothing: they fail, or hang until then.
  void cut_off(Duration span, bool in_silence);
  void reconnect() { cut_off_until_ = {}; }
  [[nodiscard]] SteadyPoint cut_off_until() const { return cut_off_until_; }
  [[nodiscard]] bool is_cut_off_in_silence() const { return is_cut_off_in_silence_; }
  void stand_still(Duration span);
  // Whether it ever did: such a process may find itself beyond its lease between any two steps.
  [[nodiscard]] bool has_stood_still() const { return group_.paused_until != SteadyPoint{}; }
  void step_wall_clock(Duration by) { runtime_->step_wall_clock(by); }

  [[nodiscard]] const std::string& name() const { return group_.name; }
  [[nodiscard]] const std::shared_ptr<Runtime>& runtime() const { return as_runtime_; }
  [[nodiscard]] const std::shared_ptr<Storage>& storage() const { return storage_; }
  [[nodiscard]] Universe& universe() { return universe_; }

 private:
  Universe& universe_;
  Group group_;
  const std::shared_ptr<FibreRuntime> runtime_;
  const std::shared_ptr<Runtime> as_runtime_;
  std::shared_ptr<Storage> storage_;
  bool started_ = false;
  SteadyPoint cut_off_until_{};
  bool is_cut_off_in_silence_ = false;
};

}  // namespace portfire::simulation
