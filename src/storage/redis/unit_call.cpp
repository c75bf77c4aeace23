#include "storage/redis/unit_call.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include <portfire/error.hpp>

#include "embedded_lua.hpp"
#include "storage/redis/job_record.hpp"
#include "storage/redis/packed.hpp"
#include "storage/redis/recurring.hpp"

namespace portfire::redis {

namespace {

// A changed job costs a few times as much as a plain one.
constexpr std::size_t weight_of_general = 3;

constexpr std::uint64_t largest_epoch = (std::uint64_t{1} << 48) - 1;
constexpr std::size_t longest_short_text = 255;

void check_short(std::string_view field, std::string_view text) {
  if (text.size() <= longest_short_text) return;
  throw UsageError{std::string{field} + " '" + std::string{text.substr(0, longest_short_text)} +
                   "…' has " + std::to_string(text.size()) + " bytes; at most 255 can be stored"};
}

unsigned marks_of(const NewJob& job) {
  return (job.arguments.size() > largest_inline_arguments ? marks::apart : 0) |
         (job.batch ? marks::member : 0) | (job.is_batch ? marks::batch : 0);
}

bool is_plain(const NewJob& job) {
  const State& state = job.state;
  return state.kind == StateKind::ready && state.ending == Ending::none && state.reason.empty() &&
         state.data.empty() && job.elected_away.empty() && job.parents.empty() &&
         job.unique.key.empty() && job.limit.key.empty() && !job.is_batch;
}

bool is_like(const NewJob& one, const NewJob& other) {
  return one.queue == other.queue && one.priority == other.priority &&
         one.state.name == other.state.name && marks_of(one) == marks_of(other) &&
         one.batch == other.batch;
}

bool are_plain(std::span<const NewJob> jobs) {
  return !jobs.empty() && std::ranges::all_of(jobs, [&](const NewJob& job) {
    return is_plain(job) && is_like(job, jobs.front());
  });
}

bool is_plain_creation(const Unit& unit) {
  return unit.transitions.empty() && unit.recurring.empty() && are_plain(unit.jobs);
}

// A batch with all its members.
bool is_plain_batch(const Unit& unit) {
  if (unit.jobs.size() < 2 || !unit.transitions.empty() || !unit.recurring.empty()) return false;
  const NewJob& batch = unit.jobs.front();
  const auto members = std::span{unit.jobs}.subspan(1);
  return batch.is_batch && !batch.batch && batch.unique.key.empty() && are_plain(members) &&
         members.front().batch == batch.id &&
         std::ranges::none_of(members, [&](const NewJob& job) { return job.id == batch.id; });
}

bool is_plain_end(const Unit& unit) {
  if (!unit.jobs.empty() || unit.transitions.size() != 1 || !unit.recurring.empty()) return false;
  const Transition& end = unit.transitions.front();
  const State& state = end.state;
  return end.epoch && end.expected_state.empty() && end.elected_away.empty() &&
         end.parameters.empty() && !end.attempt && !end.queue && !end.priority && !end.crashes &&
         end.release == Release::straight && state.reason.empty() && state.data.empty() &&
         state.kind == StateKind::final;
}

std::uint64_t span_of(Duration span) {
  return static_cast<std::uint64_t>(std::max<Duration::rep>(span.count(), 0));
}

std::string pack_parameters(const std::map<std::string, std::string>& parameters) {
  PackedWriter bytes;
  for (const auto& [name, value] : parameters) bytes.text(name, 2).text(value, 4);
  return bytes.bytes();
}

std::string pack_limit(const Limit& limit) {
  if (limit.key.empty()) return {};
  PackedWriter bytes;
  bytes.number(limit.at_once, 4).number(limit.counts_while.bits(), 1);
  return bytes.bytes() + limit.key;
}

}  // namespace

std::string pack_changes(const std::map<std::string, std::optional<std::string>>& parameters) {
  PackedWriter bytes;
  for (const auto& [name, value] : parameters) {
    bytes.text(name, 2).number(value ? 1 : 0, 1).text(value.value_or(std::string{}), 4);
  }
  return bytes.bytes();
}

UnitCall::UnitCall(const Settings& settings, std::span<const Slot> slots, LooksBack looks_back)
    : slots_{slots}, call_{settings, scripts::commit} {
  call_.add("M").add(settings.mark);
  for (const Slot& slot : slots) {
    const Unit& unit = *slot.unit;
    const std::size_t weight = unit.jobs.size() + unit.transitions.size() + unit.recurring.size();
    if (taken_ > 0 && weight_ + weight > largest_call) break;
    const bool asked =
        looks_back == LooksBack::everywhere || (looks_back == LooksBack::at_first && taken_ == 0);
    if (unit.is_new && !asked) call_.forbid_repetition();
    add(unit, asked || !unit.is_new);
    ++taken_;
    weight_ += sections_.back().way == Way::general ? weight_of_general * weight : weight;
  }
}

void UnitCall::add(const Unit& unit, bool looks_back) {
  if (!looks_back && is_plain_creation(unit)) {
    add_creations(unit);
  } else if (!looks_back && is_plain_batch(unit)) {
    add_batch(unit);
  } else if (is_plain_end(unit)) {
    add_end(unit);
  } else {
    add_general(unit, looks_back);
  }
  ++sections_.back().units;
}

void UnitCall::begin(Way way, const char* letter) {
  seen_.clear();
  sections_.push_back(
      {.way = way, .units = 0, .items = 0, .count_at = 0, .job = nullptr, .state = nullptr});
  call_.add(letter);
}

bool UnitCall::joins_creations(const Unit& unit) const {
  if (sections_.empty() || sections_.back().way != Way::creation) return false;
  return is_like(unit.jobs.front(), *sections_.back().job) &&
         std::ranges::none_of(unit.jobs, [&](const NewJob& job) { return seen_.contains(job.id); });
}

void UnitCall::add_creations(const Unit& unit) {
  if (!joins_creations(unit)) {
    begin(Way::creation, "C");
    begin_creations(unit.jobs.front());
  }
  add_plain(unit.jobs);
}

void UnitCall::add_batch(const Unit& unit) {
  begin(Way::batch, "B");
  add_job(unit.jobs.front());
  begin_creations(unit.jobs[1]);
  add_plain(std::span{unit.jobs}.subspan(1));
}

void UnitCall::begin_creations(const NewJob& first) {
  check_short("queue", first.queue);
  check_short("state", first.state.name);
  sections_.back().job = &first;
  sections_.back().count_at = call_.size();
  call_.add({}).add(first.queue).number(std::int64_t{first.priority});
  call_.number(std::uint64_t{marks_of(first)}).add(first.state.name);
  if (first.batch) {
    call_.id(first.batch);
  } else {
    call_.add({});
  }
}

void UnitCall::add_plain(std::span<const NewJob> jobs) {
  Section& section = sections_.back();
  PackedWriter rest;
  for (const NewJob& job : jobs) {
    const bool apart = (marks_of(job) & marks::apart) != 0;
    seen_.insert(job.id);
    rest.clear();
    rest.signed_number(job.priority, 1).number(0, 3).text(job.queue, 1).text(job.name, 2);
    rest.text(pack_parameters(job.parameters), 4);
    rest.text(apart ? std::string_view{} : std::string_view{job.arguments}, 4);
    call_.id(job.id).copy(rest.bytes());
    if (apart) call_.add(job.arguments);
  }
  section.items += jobs.size();
  call_.replace(section.count_at, std::to_string(section.items));
}

bool UnitCall::joins_ends(const Unit& unit) const {
  if (sections_.empty() || sections_.back().way != Way::end) return false;
  const Transition& end = unit.transitions.front();
  return end.state == *sections_.back().state && !seen_.contains(end.job);
}

void UnitCall::add_end(const Unit& unit) {
  const Transition& end = unit.transitions.front();
  if (!joins_ends(unit)) {
    check_short("state", end.state.name);
    begin(Way::end, "F");
    sections_.back().state = &end.state;
    sections_.back().count_at = call_.size();
    call_.add({}).copy(pack_state(end.state));
  }
  Section& section = sections_.back();
  seen_.insert(end.job);
  PackedWriter bytes;
  bytes.number(std::min(*end.epoch, largest_epoch), 6);
  call_.id(end.job).copy(bytes.bytes());
  bytes.clear();
  bytes.number(span_of(end.start_delay) + 1, 7).number(span_of(end.duration) + 1, 7);
  call_.copy(bytes.bytes()).add(end.result);
  call_.replace(section.count_at, std::to_string(++section.items));
}

void UnitCall::add_general(const Unit& unit, bool looks_back) {
  begin(Way::general, "U");
  call_.id(unit.id).add(looks_back ? "1" : "0");
  call_.number(std::uint64_t{unit.jobs.size()}).number(std::uint64_t{unit.transitions.size()});
  call_.number(std::uint64_t{unit.recurring.size()});
  for (const NewJob& job : unit.jobs) add_job(job);
  for (const Transition& change : unit.transitions) add_change(change);
  for (const RecurringChange& change : unit.recurring) add_template(change);
}

void UnitCall::add_job(const NewJob& job) {
  check_short("queue", job.queue);
  const bool apart = (marks_of(job) & marks::apart) != 0;
  PackedWriter head;
  head.id(job.id)
      .signed_number(job.priority, 1)
      .number(static_cast<std::uint64_t>(job.unique.on_duplicate), 1)
      .number(job.unique.held_while.bits(), 1)
      .number(std::min(span_of(job.unique.window), std::uint64_t{1} << 62), 8)
      .number(marks_of(job), 2)
      .number(job.elected_away.size(), 2)
      .number(job.parents.empty() ? 0 : 1, 1);
  call_.copy(head.bytes()).add(job.name).add(job.queue).copy(pack_parameters(job.parameters));
  call_.add(apart ? std::string_view{} : std::string_view{job.arguments});
  call_.add(apart ? std::string_view{job.arguments} : std::string_view{});
  call_.add(job.unique.key).copy(pack_limit(job.limit));
  check_short("state", job.state.name);
  call_.copy(pack_state(job.state));
  if (!job.parents.empty()) {
    PackedWriter parents;
    for (const Parent& parent : job.parents) {
      parents.id(parent.job).number(static_cast<std::uint64_t>(parent.on), 1);
    }
    call_.copy(parents.bytes());
  }
  if (!job.parents.empty() || job.is_batch) {
    check_short("state", job.when_met.name);
    check_short("state", job.when_unmet.name);
    call_.copy(pack_state(job.when_met)).copy(pack_state(job.when_unmet));
  }
  if (job.batch) call_.id(job.batch);
  for (const State& candidate : job.elected_away) call_.copy(pack_state(candidate));
}

void UnitCall::add_change(const Transition& change) {
  constexpr std::uint64_t has_epoch = 1;
  constexpr std::uint64_t has_attempt = 2;
  constexpr std::uint64_t has_queue = 4;
  constexpr std::uint64_t has_priority = 8;
  constexpr std::uint64_t has_crashes = 16;
  const std::string& queue = change.queue ? *change.queue : std::string{};
  check_short("queue", queue);
  check_short("state", change.state.name);
  PackedWriter head;
  head.id(change.job)
      .number((change.epoch ? has_epoch : 0) | (change.attempt ? has_attempt : 0) |
                  (change.queue ? has_queue : 0) | (change.priority ? has_priority : 0) |
                  (change.crashes ? has_crashes : 0),
              1)
      .number(std::min(change.epoch.value_or(0), largest_epoch), 6)
      .number(change.attempt.value_or(0), 3)
      .signed_number(change.priority.value_or(0), 1)
      .number(static_cast<std::uint64_t>(change.release), 1)
      .number(span_of(change.start_delay), 7)
      .number(span_of(change.duration), 7)
      .number(change.elected_away.size(), 2)
      .number(change.crashes.value_or(0), 4);
  call_.copy(head.bytes()).add(change.expected_state).copy(queue).add(change.result);
  call_.copy(pack_changes(change.parameters)).copy(pack_state(change.state));
  for (const State& candidate : change.elected_away) call_.copy(pack_state(candidate));
}

void UnitCall::add_template(const RecurringChange& change) {
  call_.add(change.id).number(change.expected_version);
  if (!change.record) {
    call_.number(std::int64_t{0}).add({});
    return;
  }
  const auto& due_at = change.record->due_at;
  // Before 1970 it is due as it is then.
  call_.number(due_at ? std::max<Duration::rep>(due_at->time_since_epoch().count(), 0) + 1
                      : Duration::rep{0});
  call_.copy(pack_template(*change.record));
}

namespace {

CommitResult result_of(const Reply& answer) {
  CommitResult result;
  if (answer.kind() == Reply::Kind::integer) return result;
  const std::vector<Reply>& parts = answer.as_array();
  result.status = static_cast<CommitStatus>(parts.at(0).as_integer());
  if (result.status == CommitStatus::conflict) {
    result.conflict = static_cast<Conflict>(parts.at(1).as_integer());
  }
  if (result.status == CommitStatus::rejected) {
    result.rejection = static_cast<Rejection>(parts.at(1).as_integer());
  }
  if (const std::string& job = parts.at(2).as_text(); !job.empty()) {
    result.job = id_in<JobId>(job);
  }
  if (const std::string& holder = parts.at(3).as_text(); !holder.empty()) {
    result.holder = id_in<JobId>(holder);
  }
  if (result.conflict == Conflict::version) {
    result.recurring = parts.at(4).as_text();
    return result;
  }
  PackedReader pairs{parts.at(4).as_text()};
  while (!pairs.done()) {
    const auto requested = pairs.id<JobId>();
    result.existing.push_back({requested, pairs.id<JobId>()});
  }
  return result;
}

}  // namespace

std::size_t UnitCall::read(const Reply& reply) const {
  const std::vector<Reply>& answers = reply.as_array();
  std::size_t decided = 0;
  for (std::size_t at = 0; at < sections_.size(); ++at) {
    const Section& section = sections_[at];
    const Reply& answer = answers.at(at);
    const auto part = slots_.subspan(decided, section.units);
    for (const Slot& slot : part) *slot.result = {};
    switch (section.way) {
      case Way::creation:
      case Way::batch:
        if (answer.as_integer() == 0) return decided;
        break;
      case Way::end: {
        const std::vector<Reply>& refused = answer.as_array();
        for (std::size_t i = 0; i + 1 < refused.size(); i += 2) {
          *part[static_cast<std::size_t>(refused[i].as_integer()) - 1].result =
              result_of(refused[i + 1]);
        }
        break;
      }
      case Way::general: *part.front().result = result_of(answer); break;
    }
    decided += section.units;
  }
  return decided;
}

}  // namespace portfire::redis
