#include "storage/redis/job_store.hpp"

#include <algorithm>
#include <charconv>

#include <portfire/error.hpp>

#include "embedded_lua.hpp"
#include "storage/common/local_news.hpp"
#include "storage/common/requests.hpp"
#include "storage/redis/call.hpp"
#include "storage/redis/job_record.hpp"
#include "storage/redis/packed.hpp"
#include "storage/redis/unit_call.hpp"

namespace portfire::redis {

namespace {

// Executions, or jobs, that one call deals with: some ten milliseconds of the server's time.
constexpr std::size_t portion = 1000;

// From `first` on.
std::vector<Execution> executions_in(const Reply& answer, std::size_t first, TimePoint claimed_at) {
  const std::vector<Reply>& values = answer.as_array();
  std::vector<Execution> executions;
  executions.reserve(values.size() / 4);
  for (std::size_t at = first; at + 3 < values.size(); at += 4) {
    executions.push_back(execution_of(values[at].as_text(), values[at + 1].as_text(),
                                      values[at + 2].as_text(), values[at + 3].as_integer(),
                                      claimed_at));
  }
  return executions;
}

DueJob due_job_in(std::span<const Reply> values) {
  const JobRecord record = read_record(values[1].as_text());
  const std::string& candidate = values[4].as_text();
  return {.job = id_in<JobId>(values[0].as_text()),
          .name = std::string{record.name},
          .queue = std::string{record.queue},
          .current = {.name = record.state_name(),
                      .kind = record.kind,
                      .ending = record.ending,
                      .reason = values[2].as_text(),
                      .data = values[3].as_text(),
                      .due_at = TimePoint{Duration{record.due}}},
          .candidate = candidate.empty() ? states::enqueued(std::string{reasons::due})
                                         : read_state(candidate)};
}

// The shortest text that is read back as the same number.
std::string text_of(double value) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

}  // namespace

std::vector<CommitResult> RedisJobStore::commit(std::span<const Unit> units) {
  check_units(units);
  std::vector<CommitResult> results(units.size());
  try {
    results = committer_.commit(units);
  } catch (...) {
    // Some may have been applied, and nobody else tells us.
    tell_here(hub_, units, results);
    throw;
  }
  tell_here(hub_, units, results);
  return results;
}

ClaimResult RedisJobStore::claim(const ClaimRequest& request) {
  Call call{settings_, scripts::claim};
  call.id(request.server).number(request.token);
  // Never less than asked for: a short answer says that the queues are empty.
  call.number(std::uint64_t{request.max});
  for (const std::string& queue : request.queues) call.add(queue);
  const Reply answer = gateway_.run(call.script_call());
  const TimePoint now{Duration{answer.as_array().at(0).as_integer()}};
  return {executions_in(answer, 1, now)};
}

std::vector<ExecutionRef> RedisJobStore::held(ServerId server) {
  Call call{settings_, scripts::held};
  call.reads().id(server);
  const Reply answer = gateway_.run(call.script_call());
  const std::vector<Reply>& values = answer.as_array();
  std::vector<ExecutionRef> all;
  for (std::size_t at = 0; at + 1 < values.size(); at += 2) {
    all.push_back({.job = id_in<JobId>(values[at].as_text()),
                   .epoch = static_cast<std::uint64_t>(values[at + 1].as_integer())});
  }
  return all;
}

ReleaseResult RedisJobStore::release(std::span<const Released> executions) {
  ReleaseResult result;
  for (std::size_t first = 0; first < executions.size(); first += portion) {
    Call call{settings_, scripts::release};
    for (const Released& one :
         executions.subspan(first, std::min(portion, executions.size() - first))) {
      call.id(one.execution.job).number(one.execution.epoch);
      call.number(static_cast<std::int64_t>(one.reason));
    }
    result.released += static_cast<std::size_t>(gateway_.run(call.script_call()).as_integer());
  }
  return result;
}

PromoteResult RedisJobStore::promote(const PromoteRequest& request) {
  PromoteResult result;
  std::size_t left = request.max;
  std::size_t members_left = request.max;
  for (;;) {
    const std::size_t wanted = std::min(left, portion);
    const std::size_t members_wanted = std::min(members_left, portion);
    Call call{settings_, scripts::promote};
    call.number(std::uint64_t{wanted}).add(request.elect ? "1" : "0");
    call.number(std::uint64_t{members_wanted});
    const Reply answer = gateway_.run(call.script_call());
    const std::vector<Reply>& parts = answer.as_array();
    const auto promoted = static_cast<std::size_t>(parts.at(0).as_integer());
    const auto members_seen = static_cast<std::size_t>(parts.at(4).as_integer());
    result.promoted += promoted + static_cast<std::size_t>(parts.at(3).as_integer());
    const std::int64_t next_due_in = parts.at(1).as_integer();
    result.next_due_in.reset();
    if (next_due_in >= 0) result.next_due_in = Duration{next_due_in};
    const std::span<const Reply> due{parts.at(2).as_array()};
    for (std::size_t at = 0; at + 4 < due.size(); at += 5) {
      result.elect.push_back(due_job_in(due.subspan(at, 5)));
    }
    // What is handed out stays where it is: the next portion would be the same.
    left = request.elect || promoted < wanted ? 0 : left - promoted;
    members_left = members_seen < members_wanted ? 0 : members_left - members_seen;
    if (left == 0 && members_left == 0) return result;
  }
}

ReclaimResult RedisJobStore::reclaim(const ReclaimRequest& request) {
  Call call{settings_, scripts::reclaim};
  // The poison would be in the answer that was lost, and the caller has to know that.
  call.forbid_repetition();
  call.id(request.by).number(std::uint64_t{request.crash_limit});
  for (const ServerId server : request.servers) call.id(server);
  const Reply answer = gateway_.run(call.script_call());
  const std::vector<Reply>& parts = answer.as_array();
  return {.requeued = static_cast<std::size_t>(parts.at(0).as_integer()),
          .poisoned = executions_in(parts.at(1), 0, {})};
}

ExpireResult RedisJobStore::expire(std::size_t max) {
  ExpireResult result;
  for (;;) {
    Call call{settings_, scripts::expire};
    call.number(std::uint64_t{std::min(max - result.removed, portion)});
    const Reply answer = gateway_.run(call.script_call());
    const std::vector<Reply>& parts = answer.as_array();
    result.removed += static_cast<std::size_t>(parts.at(0).as_integer());
    result.more = result.removed == max;
    if (result.more || parts.at(1).as_integer() == 0) return result;
  }
}

void RedisJobStore::report(std::span<const Report> reports) {
  if (reports.empty()) return;
  Call call{settings_, scripts::report};
  for (const Report& one : reports) {
    call.id(one.execution.job).number(one.execution.epoch);
    call.copy(one.start_delay ? std::to_string(std::max<Duration::rep>(one.start_delay->count(), 0))
                              : std::string{});
    call.copy(one.progress ? text_of(*one.progress) : std::string{});
    call.number(std::uint64_t{one.lines.size()});
    for (const ReportLine& line : one.lines) {
      PackedWriter bytes;
      bytes.number(line.number, 4).number(static_cast<std::uint64_t>(line.level), 1);
      call.copy(bytes.bytes() + line.text);
    }
  }
  gateway_.run(call.script_call());
}

std::vector<Revoked> RedisJobStore::revoked(std::span<const ExecutionRef> executions) {
  std::vector<Revoked> all;
  for (std::size_t first = 0; first < executions.size(); first += portion) {
    const auto part = executions.subspan(first, std::min(portion, executions.size() - first));
    Call call{settings_, scripts::revoked};
    call.reads();
    for (const ExecutionRef& one : part) call.id(one.job).number(one.epoch);
    const Reply answer = gateway_.run(call.script_call());
    const std::vector<Reply>& values = answer.as_array();
    for (std::size_t at = 0; at + 1 < values.size(); at += 2) {
      const auto which = static_cast<std::size_t>(values[at].as_integer()) - 1;
      all.push_back({.execution = part[which], .state = values[at + 1].as_text()});
    }
  }
  return all;
}

bool RedisJobStore::set_parameters(
    JobId job, const std::map<std::string, std::optional<std::string>>& parameters) {
  Call call{settings_, scripts::parameters};
  call.id(job).copy(pack_changes(parameters));
  return gateway_.run(call.script_call()).as_integer() == 1;
}

}  // namespace portfire::redis
