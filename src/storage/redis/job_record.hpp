#pragma once

// The record of a job, as scripts/record.lua lays it down.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <portfire/state.hpp>
#include <portfire/storage/job_store.hpp>
#include <portfire/storage/monitoring.hpp>

namespace portfire::redis {

namespace marks {
inline constexpr unsigned waited = 1;
inline constexpr unsigned ran = 2;
inline constexpr unsigned pending = 4;
inline constexpr unsigned suspect = 16;
inline constexpr unsigned no_handler = 32;
inline constexpr unsigned apart = 512;
inline constexpr unsigned member = 1024;
inline constexpr unsigned batch = 2048;
}  // namespace marks

// Larger arguments have a key of their own, so that they are not copied at each step of the job.
inline constexpr std::size_t largest_inline_arguments = 1024;

// Texts are parts of the bytes that it was read from.
struct JobRecord {
  StateKind kind = StateKind::ready;
  Ending ending = Ending::none;
  unsigned marks = 0;
  std::uint64_t epoch = 0;
  TimePoint since;
  std::int64_t due = 0;  // falls due, or expires; 0: never
  std::uint64_t step = 0;
  ServerId server;
  TimePoint claimed_at;
  std::optional<Duration> start_delay;
  std::optional<Duration> duration;
  std::string_view state;  // of a running job: the one before
  std::string_view result;
  TimePoint created_at;
  std::uint64_t number = 0;
  std::uint64_t place = 0;
  TimePoint ready_at;
  int priority = 0;
  std::uint32_t attempt = 0;
  std::string_view queue;
  std::string_view name;
  std::string_view parameters;
  std::string_view arguments;
  JobId batch;  // that it is a member of; nil for none

  [[nodiscard]] bool has(unsigned mark) const { return (marks & mark) != 0; }
  [[nodiscard]] std::string state_name() const {
    return std::string{kind == StateKind::running ? state_names::processing : state};
  }
  [[nodiscard]] std::string all_arguments(std::string_view apart) const {
    return std::string{has(marks::apart) ? apart : arguments};
  }
};

JobRecord read_record(std::string_view bytes);

std::map<std::string, std::string> read_parameters(std::string_view packed);

// A state to be entered, packed as scripts/record.lua reads it, and back.
std::string pack_state(const State& state);
State read_state(std::string_view packed);

// From four answers of a script: id, record, arguments that stand apart, crashes. A record of kind
// ready is the one before the claim, which was made at `claimed_at`.
Execution execution_of(std::string_view id, std::string_view record, std::string_view apart,
                       std::int64_t crashes, TimePoint claimed_at);

JobSummary summary_of(std::string_view id, const JobRecord& record, std::string_view reason,
                      std::string_view apart);

}  // namespace portfire::redis
