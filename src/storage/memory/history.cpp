#include "storage/memory/history.hpp"

#include "storage/memory/numbers.hpp"

namespace portfire::memory {
namespace {

HistoryEntry entry_of(const StateRecord& state) {
  return {.state = state.name->text,
          .kind = state.kind,
          .at = state.since,
          .reason = state.reason(),
          .data = state.data()};
}

HistoryEntry entry_of(const Run& run) {
  return {.state = std::string{state_names::processing},
          .kind = StateKind::running,
          .at = run.claimed_at,
          .server = run.server};
}

// Calls `write` with each entry of the implicit part that precedes the present state.
template <class Write>
void implicit_past(const Job& job, Write write) {
  if (job.waited.name != nullptr) write(entry_of(job.waited));
  if (job.run_unwritten) write(entry_of(job.run));
}

HistoryEntry present_entry(const Job& job) {
  return job.present.kind == StateKind::running ? entry_of(job.run) : entry_of(job.present);
}

}  // namespace

void write_out(Job& job) {
  if (job.waited.name == nullptr && !job.run_unwritten) return;
  auto& steps = job.extra.make().steps;
  implicit_past(job, [&](HistoryEntry entry) { steps.push_back(std::move(entry)); });
  job.waited = {};
  job.run_unwritten = false;
}

void write_out_with_present(Job& job) {
  write_out(job);
  job.extra.make().steps.push_back(present_entry(job));
}

void write_elected_away(Job& job, const State& candidate, TimePoint now) {
  job.extra.make().steps.push_back({.state = candidate.name,
                                    .kind = candidate.kind,
                                    .at = now,
                                    .reason = candidate.reason,
                                    .data = candidate.data,
                                    .elected_away = true});
}

std::vector<HistoryEntry> history_of(const Job& job) {
  std::vector<HistoryEntry> all;
  if (job.extra) all = job.extra->steps;
  implicit_past(job, [&](HistoryEntry entry) { all.push_back(std::move(entry)); });
  all.push_back(present_entry(job));
  return all;
}

}  // namespace portfire::memory
