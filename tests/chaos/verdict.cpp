#include "chaos/verdict.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

namespace portfire::chaos {

namespace {

const std::string succeeded{state_names::succeeded};
const std::string batch_succeeded{state_names::batch_succeeded};

std::string job_text(Number number) { return "job " + std::to_string(number); }
std::string batch_text(JobId id) { return "batch " + to_string(id); }

}  // namespace

Verdict::Verdict(Storage& storage, std::vector<Call> calls, const std::vector<LedgerLine>& ledger)
    : storage_{storage}, calls_{std::move(calls)} {
  read_ledger(ledger);
}

void Verdict::reach() {
  read_jobs();
  judge_calls();
  judge_batches();
  judge_jobs();
  judge_ledger();
  judge_statistics();
}

void Verdict::read_ledger(const std::vector<LedgerLine>& ledger) {
  std::set<std::pair<JobId, std::uint64_t>> executions;
  for (const LedgerLine& line : ledger) {
    Ran& ran = runs_[line.number];
    ran.jobs.insert(line.job);
    switch (line.step) {
      case Step::begin:
        if (!executions.emplace(line.job, line.epoch).second) {
          complain(job_text(line.number),
                   "was begun twice under epoch " + std::to_string(line.epoch));
        }
        if (ran.begins++ == 0 || line.nanoseconds < ran.first_begin) {
          ran.first_begin = line.nanoseconds;
        }
        break;
      case Step::end: ran.ends.emplace(line.epoch, line.nanoseconds); break;
      case Step::fail: ++ran.fails; break;
    }
  }
}

void Verdict::read_jobs() {
  JobQuery query{.limit = 500, .work_limit = 100'000};
  do {
    JobPage page = storage_.monitoring().list(query);
    for (const JobSummary& job : page.jobs) note(job);
    query.cursor = std::move(page.next);
  } while (!query.cursor.empty());
}

void Verdict::note(const JobSummary& job) {
  ++live_[{job.queue, job.state}];
  const bool is_batch = job.state.starts_with("Batch");
  if (is_batch) {
    batches_.insert(job.id);
    return;
  }
  ++figures_.jobs;
  if (job.batch) ++members_[*job.batch];
  const auto arguments = nlohmann::json::parse(job.arguments);
  const auto number = arguments.at(0).get<Number>();
  Found found{.id = job.id, .state = job.state, .batch = job.batch};
  if (job.name == work.name) {
    found.failures = arguments.at(2).get<int>();
    found.children = arguments.at(3).get<int>();
  }
  if (const auto details = storage_.monitoring().job(job.id)) {
    found.epoch = details->epoch;
    found.successes = std::ranges::count(details->history, succeeded, &HistoryEntry::state);
  } else {
    complain(job_text(number), "is listed and not there");
  }
  if (!jobs_.emplace(number, found).second) complain(job_text(number), "was created twice");
}

void Verdict::judge_calls() {
  for (const Call& call : calls_) judge_call(call);
}

void Verdict::judge_call(const Call& call) {
  const auto there = static_cast<std::size_t>(std::ranges::count_if(
      call.numbers, [this](Number number) { return jobs_.contains(number); }));
  if (there != 0 && there != call.numbers.size()) {
    complain(job_text(call.numbers.front()), "is one of a call that was made in part");
  }
  if (there != 0) {
    for (const auto& [later, earlier] : call.after) judge_order(later, earlier);
  }
  switch (call.fate) {
    case Call::Fate::accepted: judge_accepted(call); break;
    case Call::Fate::refused:
      if (there != 0) complain(job_text(call.numbers.front()), "was refused and is there");
      break;
    case Call::Fate::unknown:
      ++figures_.unknown;
      if (there != 0) ++figures_.made;
      break;
  }
}

void Verdict::judge_accepted(const Call& call) {
  for (const JobId batch : call.batch) {
    if (!batches_.contains(batch)) complain(batch_text(batch), "is lost");
  }
  for (std::size_t i = 0; i < call.numbers.size(); ++i) {
    const auto job = jobs_.find(call.numbers[i]);
    if (job == jobs_.end()) {
      complain(job_text(call.numbers[i]), "is lost");
      ++figures_.lost;
    } else if (job->second.id != call.ids.at(i)) {
      complain(job_text(call.numbers[i]), "is not the one that was promised");
    } else if (!call.batch.empty() && job->second.batch != call.batch.front()) {
      complain(job_text(call.numbers[i]), "is no member of its batch");
    } else if (job->second.state != succeeded) {
      ++figures_.lost;
    }
  }
}

std::optional<std::int64_t> Verdict::end_of(Number number) const {
  const auto job = jobs_.find(number);
  const auto ran = runs_.find(number);
  if (job == jobs_.end() || ran == runs_.end()) return std::nullopt;
  const auto end = ran->second.ends.find(job->second.epoch);
  return end == ran->second.ends.end() ? std::nullopt : std::optional{end->second};
}

// No execution of the later one began before that of the earlier one was over which was accepted.
void Verdict::judge_order(Number later, Number earlier) {
  const auto after = runs_.find(later);
  if (after == runs_.end() || after->second.begins == 0) return;
  const auto end = end_of(earlier);
  if (!end || after->second.first_begin < *end) {
    complain(job_text(later), "did not wait for " + job_text(earlier));
  }
}

// Also those of calls whose fate nobody knows: with all members, or not at all.
void Verdict::judge_batches() {
  for (const JobId batch : batches_) judge_batch(batch, members_[batch]);
  for (const auto& [batch, members] : members_) {
    if (!batches_.contains(batch)) complain(batch_text(batch), "has members and is not there");
  }
}

void Verdict::judge_batch(JobId id, std::size_t members) {
  const auto batch = storage_.monitoring().job(id);
  const std::string name = batch_text(id);
  if (!batch) return complain(name, "is listed and not there");
  if (members == 0) complain(name, "has no members");
  if (batch->state != batch_succeeded) complain(name, "is " + batch->state);
  const MemberCounts expected{.total = members, .outstanding = 0, .succeeded = members};
  if (batch->members != expected) complain(name, "counts its members wrongly");
  const auto ends = std::ranges::count(batch->history, batch_succeeded, &HistoryEntry::state);
  if (ends != 1) complain(name, "has ended " + std::to_string(ends) + " times");
}

void Verdict::judge_jobs() {
  for (const auto& [number, job] : jobs_) {
    judge_job(number, job);
    judge_runs(number, job);
    if (number >= first_child_number) judge_parent(number);
  }
}

void Verdict::judge_job(Number number, const Found& job) {
  if (job.state != succeeded) complain(job_text(number), "is " + job.state);
  if (job.successes != 1) {
    complain(job_text(number), "was accepted " + std::to_string(job.successes) + " times");
  }
  for (int i = 0; i < job.children; ++i) {
    if (!jobs_.contains(child_number(number, i))) {
      complain(job_text(number), "has succeeded without a child that it enqueued");
    }
  }
}

void Verdict::judge_runs(Number number, const Found& job) {
  const Ran& ran = runs_[number];
  const auto planned = static_cast<std::size_t>(job.failures);
  if (!end_of(number)) {
    complain(job_text(number), "has succeeded by an execution that did not come to its end");
  }
  if (ran.fails < planned) {
    complain(job_text(number),
             "has failed " + std::to_string(ran.fails) + " times, not " + std::to_string(planned));
  }
  if (ran.begins < planned + 1) {
    complain(job_text(number), "was run " + std::to_string(ran.begins) + " times");
  } else {
    figures_.repeated += ran.begins - planned - 1;
  }
}

// What a job enqueues is stored with its success, and not at all without it.
void Verdict::judge_parent(Number child) {
  const Number parent = (child - first_child_number) / most_children;
  const auto index = static_cast<int>((child - first_child_number) % most_children);
  const auto found = jobs_.find(parent);
  if (found == jobs_.end() || found->second.state != succeeded) {
    return complain(job_text(child), "is there although its parent has not succeeded");
  }
  if (index >= found->second.children) complain(job_text(child), "is one that nobody enqueued");
  judge_order(child, parent);
}

void Verdict::judge_ledger() {
  for (const auto& [number, ran] : runs_) {
    const auto job = jobs_.find(number);
    for (const JobId id : ran.jobs) {
      if (job == jobs_.end()) {
        complain(job_text(number), "was run and is not there");
      } else if (id != job->second.id) {
        complain(job_text(number), "was run under another id");
      }
    }
  }
}

void Verdict::judge_statistics() {
  const Statistics statistics = storage_.monitoring().statistics();
  std::map<std::pair<std::string, std::string>, std::uint64_t> counted;
  for (const StateCount& count : statistics.live) {
    counted[{count.queue, count.state}] += count.count;
  }
  if (counted != live_) complain("statistics", "count other jobs than there are");
  std::map<std::string, std::uint64_t> ever{{"Created", figures_.jobs + batches_.size()}};
  for (const auto& [key, count] : live_) ever[key.second] += count;
  for (const std::string& state : {std::string{"Created"}, succeeded, batch_succeeded}) {
    const auto entered = statistics.lifetime.find(state);
    const std::uint64_t times = entered == statistics.lifetime.end() ? 0 : entered->second;
    if (times == ever[state]) continue;
    complain("statistics", "say that " + std::to_string(times) + " jobs have become " + state +
                               ", of which there are " + std::to_string(ever[state]));
  }
}

void Verdict::complain(const std::string& about, const std::string& what) {
  complaints_.push_back(about + ' ' + what);
}

}  // namespace portfire::chaos
