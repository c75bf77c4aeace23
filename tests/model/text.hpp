#pragma once

// What storages answer and what can be seen of them, as text: two storages agree when their texts
// are equal, and a difference reads itself. Left out is what the contract leaves to the driver:
// locators, the values of fences and of log numbers.

#include <string>
#include <vector>

#include <portfire/storage/storage.hpp>

namespace portfire::model_test {

template <class IdType>
std::string text(IdType id) {
  return id ? "#" + std::to_string(id.low() & 0xFFFF'FFFF) : "-";
}
std::string text(TimePoint instant);
std::string text(const State& state);
std::string text(const Parent& parent);
std::string text(const HistoryEntry& entry);
std::string text(const DueJob& due);
std::string text(const JobSummary& job);
std::string text(const NewJob& job);
std::string text(const Transition& change);
std::string text(const Unit& unit);
std::string text(const CommitResult& result);
std::string text(const ExecutionRef& execution);
std::string text(const Execution& execution);
std::string text(const PromoteResult& result);
std::string text(const ReclaimResult& result);
std::string text(const HeartbeatResult& result);

// All that can be seen: these jobs and what these servers hold in full, and every overview. One
// fact per line.
std::vector<std::string> observe(Storage& storage, const std::vector<JobId>& jobs,
                                 const std::vector<ServerId>& servers,
                                 const std::vector<JobId>& batches);

}  // namespace portfire::model_test
