#include "model/continuation.hpp"

#include <string>

#include <portfire/storage/job_store.hpp>

namespace portfire {
namespace {

Verdict met_if(bool holds) { return holds ? Verdict::met : Verdict::unmet; }

}  // namespace

Verdict decide(Condition condition, Ending ending) {
  switch (ending) {
    case Ending::none: return Verdict::waits;
    case Ending::failed:
      // A failed job is only parked: it may be requeued and end otherwise.
      return condition == Condition::failed ? Verdict::met : Verdict::waits;
    case Ending::succeeded:
      return met_if(condition == Condition::succeeded || condition == Condition::finished);
    case Ending::deleted:
      return met_if(condition == Condition::deleted || condition == Condition::finished);
    case Ending::other: return met_if(condition == Condition::finished);
  }
  return Verdict::waits;
}

bool ends_member(StateKind kind, Ending ending) {
  const bool rests = kind == StateKind::parked || kind == StateKind::final;
  return rests && ending != Ending::none && ending != Ending::failed;
}

State deleted_with_batch(std::optional<Duration> retention) {
  State state = states::deleted(std::string{reasons::batch_deleted});
  state.retention = retention;
  return state;
}

}  // namespace portfire
