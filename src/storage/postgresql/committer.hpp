#pragma once

// Commits of many threads, gathered into shared transactions.

#include <cstddef>
#include <exception>
#include <span>
#include <vector>

#include <portfire/storage/unit.hpp>

#include "storage/common/combiner.hpp"
#include "storage/postgresql/claims.hpp"
#include "storage/postgresql/commit_statements.hpp"
#include "storage/postgresql/pool.hpp"

namespace portfire::postgresql {

// Threads: any.
class Committer final : public Combiner {
 public:
  Committer(Pool& pool, Claims& claims);

  // One answer per unit, in order. Throws a `StorageError`, or a `UsageError` from the database.
  std::vector<CommitResult> commit(std::span<const Unit> units);

 private:
  struct UnitsCall final : Call {
    UnitsCall(std::span<const Unit> u, std::span<CommitResult> r)
        : Call{u.size()}, units{u}, results{r} {}
    const std::span<const Unit> units;
    const std::span<CommitResult> results;
    std::exception_ptr error;
  };
  static UnitsCall& units_call(Call* call) { return static_cast<UnitsCall&>(*call); }

  void lead() override;
  void perform_together(std::span<Call* const> calls);
  void perform(std::span<Call* const> calls, Sent sent);

  Pool& pool_;
  Claims& claims_;
};

}  // namespace portfire::postgresql
