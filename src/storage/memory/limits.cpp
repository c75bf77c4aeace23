// Limits: who counts, who has to stand in line, and whose turn it is.

#include "storage/memory/limits.hpp"

#include <optional>
#include <utility>

#include "model/limit.hpp"
#include "storage/memory/indexes.hpp"
#include "storage/memory/moves.hpp"

namespace portfire::memory {
namespace {

bool has_room(const Data& data, const Limit& limit) {
  const auto key = data.limits.find(limit.key);
  if (key == data.limits.end()) return true;
  return key->second.line.empty() && key->second.counting < limit.at_once;
}

}  // namespace

void attach_to_limit(Data& data, const Job& job) {
  if (!job.extra || !job.extra->limited) return;
  const Limited& limited = *job.extra->limited;
  if (limited.counts) ++data.limits[limited.limit.key].counting;
  if (limited.in_line) data.limits[limited.limit.key].line.insert(job.step, job.slot);
}

void detach_from_limit(Data& data, const Job& job) {
  if (!job.extra || !job.extra->limited) return;
  const Limited& limited = *job.extra->limited;
  const auto found = data.limits.find(limited.limit.key);
  if (found == data.limits.end()) return;
  LimitedKey& key = found->second;
  if (limited.counts) --key.counting;
  if (limited.in_line) key.line.remove(job.step);
  if (key.counting == 0 && key.line.empty()) data.limits.erase(found);
}

std::optional<State> stand_in_line(Call& call, Job& job, const State& state) {
  if (!job.extra || !job.extra->limited) return std::nullopt;
  Limited& limited = *job.extra->limited;
  if (std::exchange(limited.in_line, false)) call.limits.insert(limited.limit.key);
  if (limited.counts) {
    limited.counts = limited.limit.counts_while.contains(state.kind);
    if (!limited.counts) call.limits.insert(limited.limit.key);
    return std::nullopt;
  }
  if (!asks_for_room(limited.limit, state.kind)) return std::nullopt;
  if (has_room(call.data, limited.limit)) {
    limited.counts = true;
    return std::nullopt;
  }
  limited.in_line = true;
  limited.wanted = with_fixed_time(state, call.now);
  return states::awaiting(std::string{reasons::in_line});
}

void forget_limit(Call& call, const Job& job) {
  if (!job.extra || !job.extra->limited) return;
  const Limited& limited = *job.extra->limited;
  if (limited.counts || limited.in_line) call.limits.insert(limited.limit.key);
}

void settle_limits(Call& call) {
  while (!call.limits.empty()) {
    const std::string name = *call.limits.begin();
    const auto key = call.data.limits.find(name);
    Job* first = nullptr;
    if (key != call.data.limits.end() && !key->second.line.empty()) {
      first = &call.data.jobs.at(key->second.line.front().slot);
    }
    if (first == nullptr || key->second.counting >= first->extra->limited->limit.at_once) {
      call.limits.erase(name);
      continue;
    }
    const State wanted = std::move(first->extra->limited->wanted);
    leave(call, *first);
    first->extra->limited->in_line = false;
    first->extra->limited->counts = true;
    arrive(call, *first, wanted);
  }
}

}  // namespace portfire::memory
