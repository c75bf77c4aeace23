#include "storage/redis/job_record.hpp"

#include <array>

#include "storage/redis/packed.hpp"

namespace portfire::redis {

namespace {

constexpr std::uint64_t has_due_at = 1;
constexpr std::uint64_t has_retention = 2;

// In the order of their codes.
constexpr std::array usual_states{state_names::enqueued, state_names::scheduled,
                                  state_names::awaiting, state_names::succeeded,
                                  state_names::failed,   state_names::deleted};

// Spans are kept plus one, so that nought can mean none.
std::optional<Duration> span_in(PackedReader& bytes) {
  const auto value = static_cast<Duration::rep>(bytes.number(7));
  if (value == 0) return std::nullopt;
  return Duration{value - 1};
}

}  // namespace

JobRecord read_record(std::string_view text) {
  PackedReader bytes{text};
  JobRecord record;
  record.kind = static_cast<StateKind>(bytes.number(1));
  record.ending = static_cast<Ending>(bytes.number(1));
  record.marks = static_cast<unsigned>(bytes.number(2));
  record.epoch = bytes.number(6);
  record.since = bytes.time();
  record.due = bytes.signed_number(8);
  record.step = bytes.number(7);
  record.server = bytes.id<ServerId>();
  record.claimed_at = bytes.time();
  record.start_delay = span_in(bytes);
  record.duration = span_in(bytes);
  const std::uint64_t state = bytes.number(1);
  record.created_at = bytes.time();
  record.number = bytes.number(7);
  record.place = bytes.number(7);
  record.ready_at = bytes.time();
  record.priority = static_cast<int>(bytes.signed_number(1));
  record.attempt = static_cast<std::uint32_t>(bytes.number(3));
  record.queue = bytes.text(1);
  record.name = bytes.text(2);
  record.parameters = bytes.text(4);
  record.arguments = bytes.text(4);
  record.state = bytes.text(1);
  record.result = bytes.text(4);
  if (record.has(marks::member)) record.batch = bytes.id<JobId>();
  if (state > 0) record.state = usual_states.at(state - 1);
  return record;
}

std::map<std::string, std::string> read_parameters(std::string_view packed) {
  std::map<std::string, std::string> parameters;
  PackedReader bytes{packed};
  while (!bytes.done()) {
    std::string name{bytes.text(2)};
    parameters.emplace(std::move(name), bytes.text(4));
  }
  return parameters;
}

std::string pack_state(const State& state) {
  PackedWriter bytes;
  bytes.number(static_cast<std::uint64_t>(state.kind), 1)
      .number(static_cast<std::uint64_t>(state.ending), 1)
      .number((state.due_at ? has_due_at : 0) | (state.retention ? has_retention : 0), 1)
      .signed_number(state.due_in.count(), 8)
      .signed_number(state.due_at.value_or(TimePoint{}).time_since_epoch().count(), 8)
      .signed_number(state.retention.value_or(Duration::zero()).count(), 8)
      .text(state.name, 1)
      .text(state.reason, 4)
      .text(state.data, 4);
  return bytes.bytes();
}

State read_state(std::string_view packed) {
  PackedReader bytes{packed};
  State state;
  state.kind = static_cast<StateKind>(bytes.number(1));
  state.ending = static_cast<Ending>(bytes.number(1));
  const std::uint64_t flags = bytes.number(1);
  state.due_in = Duration{bytes.signed_number(8)};
  const TimePoint due_at{Duration{bytes.signed_number(8)}};
  const Duration retention{bytes.signed_number(8)};
  if ((flags & has_due_at) != 0) state.due_at = due_at;
  if ((flags & has_retention) != 0) state.retention = retention;
  state.name = bytes.text(1);
  state.reason = bytes.text(4);
  state.data = bytes.text(4);
  return state;
}

Execution execution_of(std::string_view id, std::string_view text, std::string_view apart,
                       std::int64_t crashes, TimePoint claimed_at) {
  JobRecord record = read_record(text);
  if (record.kind == StateKind::ready) {
    ++record.epoch;
    record.claimed_at = claimed_at;
  }
  return {.ref = {.job = id_in<JobId>(id), .epoch = record.epoch},
          .name = std::string{record.name},
          .arguments = record.all_arguments(apart),
          .queue = std::string{record.queue},
          .priority = record.priority,
          .attempt = record.attempt,
          .parameters = read_parameters(record.parameters),
          .batch = record.batch,
          .created_at = record.created_at,
          .ready_at = record.ready_at,
          .claimed_at = record.claimed_at,
          .suspect = record.has(marks::suspect),
          .crashes = static_cast<std::uint32_t>(crashes)};
}

JobSummary summary_of(std::string_view id, const JobRecord& record, std::string_view reason,
                      std::string_view apart) {
  JobSummary summary;
  summary.id = id_in<JobId>(id);
  summary.name = record.name;
  summary.queue = record.queue;
  summary.priority = record.priority;
  summary.state = record.state_name();
  summary.kind = record.kind;
  if (record.kind != StateKind::running) summary.reason = reason;
  summary.attempt = record.attempt;
  summary.created_at = record.created_at;
  summary.since = record.since;
  if (record.kind == StateKind::timed) summary.due_at = TimePoint{Duration{record.due}};
  if (record.kind == StateKind::running) summary.server = record.server;
  summary.duration = record.duration;
  summary.arguments = record.all_arguments(apart);
  summary.no_handler = record.kind == StateKind::ready && record.has(marks::no_handler);
  if (record.batch) summary.batch = record.batch;
  summary.parameters = read_parameters(record.parameters);
  return summary;
}

}  // namespace portfire::redis
