#pragma once

// Commits of many threads, gathered into shared calls of the script.

#include <cstddef>
#include <exception>
#include <span>
#include <vector>

#include <portfire/storage/unit.hpp>

#include "storage/common/combiner.hpp"
#include "storage/redis/gateway.hpp"
#include "storage/redis/settings.hpp"
#include "storage/redis/unit_call.hpp"

namespace portfire::redis {

// Threads: any.
class Committer final : public Combiner {
 public:
  // Both outlive it.
  Committer(const Settings& settings, Gateway& gateway);

  // One answer per unit, in order. Throws a `StorageError`, or a `UsageError` for what cannot be
  // stored.
  std::vector<CommitResult> commit(std::span<const Unit> units);

 private:
  struct UnitsCall final : Call {
    UnitsCall(std::span<const Unit> units, std::span<CommitResult> results);

    std::vector<Slot> slots;
    std::size_t decided = 0;  // at the front
    std::exception_ptr error = {};
  };
  static UnitsCall& units_call(Call* call) { return static_cast<UnitsCall&>(*call); }

  void lead() override;
  void perform_alone(UnitsCall& call, LooksBack looks_back);
  bool perform_together(std::span<Call* const> calls);
  void perform(std::span<const Slot> slots, LooksBack looks_back, std::size_t& decided);

  const Settings& settings_;
  Gateway& gateway_;
};

}  // namespace portfire::redis
