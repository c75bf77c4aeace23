#include "simulation/process.hpp"

#include <utility>

#include "simulation/process_storage.hpp"

namespace portfire::simulation {
namespace {

// Clocks on the wall that are hours apart, steady ones that began at different times.
Duration steady_offset(std::uint64_t seed, std::uint64_t stream) {
  Chance chance{seed, stream + 1'000};
  return chance.between(std::chrono::seconds{0}, std::chrono::hours{1000});
}

}  // namespace

Process::Process(Universe& universe, std::string name, std::uint64_t seed, std::uint64_t stream)
    : universe_{universe},
      group_{.name = std::move(name), .steady_offset = steady_offset(seed, stream)},
      runtime_{std::make_shared<FibreRuntime>(universe.scheduler, group_, seed, stream)},
      as_runtime_{runtime_},
      storage_{std::make_shared<ProcessStorage>(*this)} {
  Chance chance{seed, stream + 2'000};
  constexpr std::chrono::hours most{3};
  if (chance.percent(50)) step_wall_clock(chance.between(Duration{-most}, Duration{most}));
}

Process::~Process() = default;

void Process::start(std::function<void()> main) {
  started_ = true;
  universe_.scheduler.spawn(group_, group_.name, std::move(main));
}

void Process::die() {
  if (is_dead()) return;
  universe_.journal.note(name(), [] { return std::string{"dies"}; });
  universe_.scheduler.condemn(group_);
}

void Process::cut_off(Duration span, bool in_silence) {
  universe_.journal.note(name(), [&] {
    return "is cut off for " + portfire::to_string(span) + (in_silence ? ", in silence" : "");
  });
  cut_off_until_ = universe_.scheduler.now() + span;
  is_cut_off_in_silence_ = in_silence;
}

void Process::stand_still(Duration span) {
  universe_.journal.note(name(), [&] { return "stands still for " + portfire::to_string(span); });
  universe_.scheduler.pause(group_, span);
}

}  // namespace portfire::simulation
