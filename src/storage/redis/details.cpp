// All that is known of one job.

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <utility>

#include "embedded_lua.hpp"
#include "storage/common/requests.hpp"
#include "storage/redis/call.hpp"
#include "storage/redis/job_record.hpp"
#include "storage/redis/monitoring.hpp"
#include "storage/redis/packed.hpp"

namespace portfire::redis {

namespace {

// The further fields of a job, named as in scripts/record.lua.
class Extra {
 public:
  explicit Extra(const Reply& fields) {
    const std::vector<Reply>& values = fields.as_array();
    for (std::size_t at = 0; at + 1 < values.size(); at += 2) {
      fields_[values[at].as_text()] = values[at + 1].as_text();
    }
  }
  [[nodiscard]] const std::string* find(const std::string& name) const {
    const auto found = fields_.find(name);
    return found == fields_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    const std::string* found = find(name);
    return found == nullptr ? std::string{} : *found;
  }

 private:
  std::map<std::string, std::string> fields_;
};

template <class Number>
Number number_in(const std::string& text) {
  Number number{};
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

HistoryEntry entry_in(const std::string& packed) {
  PackedReader bytes{packed};
  HistoryEntry entry;
  entry.kind = static_cast<StateKind>(bytes.number(1));
  entry.elected_away = bytes.number(1) == 1;
  entry.at = bytes.time();
  if (const auto server = bytes.id<ServerId>()) entry.server = server;
  entry.state = bytes.text(1);
  entry.reason = bytes.text(4);
  entry.data = bytes.text(4);
  return entry;
}

HistoryEntry entry_of_run(const JobRecord& record) {
  return {.state = std::string{state_names::processing},
          .kind = StateKind::running,
          .at = record.claimed_at,
          .server = record.server};
}

// What the record tells; the rest is written.
void add_implicit_history(JobDetails& details, const JobRecord& record, const Extra& extra) {
  const bool runs = record.kind == StateKind::running;
  if (record.has(marks::waited)) {
    HistoryEntry waited{.state = std::string{state_names::enqueued},
                        .kind = StateKind::ready,
                        .at = record.ready_at};
    if (runs) {
      waited.state = record.state;
      waited.reason = extra.text("r");
      waited.data = extra.text("d");
    }
    details.history.push_back(std::move(waited));
  }
  if (record.has(marks::pending)) details.history.push_back(entry_of_run(record));
  if (runs) {
    details.history.push_back(entry_of_run(record));
  } else {
    details.history.push_back({.state = details.state,
                               .kind = details.kind,
                               .at = details.since,
                               .reason = details.reason,
                               .data = details.data});
  }
}

void add_parents(JobDetails& details, const Reply& fields) {
  const std::vector<Reply>& values = fields.as_array();
  std::map<std::string, Parent> by_index;
  for (std::size_t at = 0; at + 1 < values.size(); at += 2) {
    PackedReader bytes{values[at + 1].as_text()};
    const auto parent = bytes.id<JobId>();
    by_index[values[at].as_text()] = {parent, static_cast<Condition>(bytes.number(1))};
  }
  for (const auto& [index, parent] : by_index) details.parents.push_back(parent);
}

void add_children(JobDetails& details, const Reply& members) {
  for (const Reply& member : members.as_array()) {
    const auto child = id_in<JobId>(member.as_text());
    // A child that waits for the job twice stands here once; its edges are neighbours.
    if (details.children.empty() || details.children.back() != child) {
      details.children.push_back(child);
    }
  }
}

void add_extra(JobDetails& details, const Extra& extra) {
  if (const std::string* crashes = extra.find("c")) {
    details.crashes = number_in<std::uint32_t>(*crashes);
  }
  if (const std::string* progress = extra.find("g")) {
    details.progress = number_in<double>(*progress);
  }
  if (const std::string* stopping = extra.find("o")) {
    details.stopping_on = id_in<ServerId>(*stopping);
  }
  details.unique_key = extra.text("k");
  if (const std::string* limit = extra.find("l")) {
    PackedReader bytes{*limit};
    bytes.bytes(5);
    details.limit_key = bytes.rest();
    details.in_line = extra.find("v") != nullptr;
  }
  if (const std::string* total = extra.find("n")) {
    details.members = {.total = number_in<std::uint64_t>(*total),
                       .outstanding = number_in<std::uint64_t>(extra.text("w")),
                       .succeeded = number_in<std::uint64_t>(extra.text("s"))};
  }
}

}  // namespace

std::optional<JobDetails> read_details(const Settings& settings, Gateway& gateway, JobId id) {
  Call call{settings, scripts::details};
  call.reads().id(id);
  const Reply answer = gateway.run(call.script_call());
  if (answer.is_nil()) return std::nullopt;
  const std::vector<Reply>& parts = answer.as_array();
  const JobRecord record = read_record(parts.at(0).as_text());
  const Extra extra{parts.at(2)};
  PackedWriter id_bytes;
  id_bytes.id(id);
  JobDetails details;
  static_cast<JobSummary&>(details) =
      summary_of(id_bytes.bytes(), record, extra.text("r"), parts.at(1).as_text());
  const bool is_over = details.kind == StateKind::parked || details.kind == StateKind::final;
  details.epoch = record.epoch;
  if (details.kind != StateKind::running) {
    details.data = extra.text("d");
    details.ending = record.ending;
  }
  details.result = record.result;
  details.suspect = record.has(marks::suspect);
  if (record.start_delay) details.started_at = record.claimed_at + *record.start_delay;
  if (is_over && record.due > 0) details.expires_at = TimePoint{Duration{record.due}};
  for (const Reply& step : parts.at(3).as_array()) {
    details.history.push_back(entry_in(step.as_text()));
  }
  add_implicit_history(details, record, extra);
  add_extra(details, extra);
  add_parents(details, parts.at(4));
  add_children(details, parts.at(5));
  return details;
}

std::vector<LogEntry> read_log(const Settings& settings, Gateway& gateway, JobId id,
                               std::uint64_t after, std::size_t limit) {
  if (limit == 0) return {};
  constexpr std::uint64_t most = 1'000'000;
  constexpr std::uint64_t lines_of_an_epoch = std::uint64_t{1} << 32U;
  Call call{settings, scripts::details};
  call.reads().id(id).number(after / lines_of_an_epoch).number(after % lines_of_an_epoch);
  call.number(std::min<std::uint64_t>(limit, most));
  const Reply answer = gateway.run(call.script_call());
  std::vector<LogEntry> entries;
  for (const Reply& line : answer.as_array()) {
    PackedReader bytes{line.as_text()};
    LogEntry entry;
    entry.at = bytes.time();
    const std::uint64_t epoch = bytes.number(6);
    entry.number = log_number(epoch, {.number = bytes.number(4)});
    entry.level = static_cast<ReportLevel>(bytes.number(1));
    entry.text = bytes.rest();
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace portfire::redis
