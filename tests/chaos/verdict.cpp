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

}  // namespace

Verdict::Verdict(Storage& storage, std::vector<Call> calls, const std::vector<LedgerLine>& ledger)
    : storage_{storage}, calls_{std::move(calls)} {
  read_ledger(ledger);
}

void Verdict::reach() {
  read_jobs();
  judge_calls();
  judge_jobs();
  judge_statistics();
}

void Verdict::read_ledger(const std::vector<LedgerLine>& ledger) {
  std::set<std::pair<JobId, std::uint64_t>> executions;
  for (const LedgerLine& line : ledger) {
    Ran& ran = runs_[line.number];
    if (line.step == Step::begin) {
      if (!executions.emplace(line.job, line.epoch).second) {
        complain(job_text(line.number),
                 "was begun twice under epoch " + std::to_string(line.epoch));
      }
      if (ran.begins++ == 0 || line.nanoseconds < ran.first_begin) {
        ran.first_begin = line.nanoseconds;
      }
    } else if (line.step == Step::end) {
      if (ran.ends++ == 0 || line.nanoseconds < ran.first_end) ran.first_end = line.nanoseconds;
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
  if (is_batch) return;
  ++figures_.jobs;
  const auto arguments = nlohmann::json::parse(job.arguments);
  const auto number = arguments.at(0).get<Number>();
  Found found{.id = job.id, .state = job.state};
  if (job.name == work.name) {
    found.failures = arguments.at(2).get<int>();
    found.children = arguments.at(3).get<int>();
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
  if (there != 0) judge_order(call);
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
  for (std::size_t i = 0; i < call.numbers.size(); ++i) {
    const auto job = jobs_.find(call.numbers[i]);
    if (job == jobs_.end()) {
      complain(job_text(call.numbers[i]), "is lost");
      ++figures_.lost;
    } else if (job->second.id != call.ids.at(i)) {
      complain(job_text(call.numbers[i]), "is not the one that was promised");
    } else if (job->second.state != succeeded) {
      ++figures_.lost;
    }
  }
  for (const JobId batch : call.batch) judge_batch(batch, call.numbers.size());
}

// Those that were awaited have come to their end in some execution before any of this one.
void Verdict::judge_order(const Call& call) {
  for (const auto& [later, earlier] : call.after) {
    const Ran& after = runs_[later];
    const Ran& before = runs_[earlier];
    if (after.begins > 0 && (before.ends == 0 || after.first_begin < before.first_end)) {
      complain(job_text(later), "did not wait for " + job_text(earlier));
    }
  }
}

void Verdict::judge_batch(JobId id, std::size_t members) {
  const auto batch = storage_.monitoring().job(id);
  const std::string name = "batch " + to_string(id);
  if (!batch) return complain(name, "is lost");
  if (batch->state != batch_succeeded) complain(name, "is " + batch->state);
  const MemberCounts expected{.total = members, .outstanding = 0, .succeeded = members};
  if (batch->members != expected) complain(name, "counts its members wrongly");
  const auto ends = std::ranges::count(batch->history, batch_succeeded, &HistoryEntry::state);
  if (ends != 1) complain(name, "has ended " + std::to_string(ends) + " times");
}

void Verdict::judge_jobs() {
  for (const auto& [number, job] : jobs_) judge_job(number, job);
}

void Verdict::judge_job(Number number, const Found& job) {
  if (job.state != succeeded) complain(job_text(number), "is " + job.state);
  const auto details = storage_.monitoring().job(job.id);
  if (!details) return complain(job_text(number), "is listed and not there");
  const auto ends = std::ranges::count(details->history, succeeded, &HistoryEntry::state);
  if (ends != 1) complain(job_text(number), "was accepted " + std::to_string(ends) + " times");
  const Ran& ran = runs_[number];
  const std::size_t needed = static_cast<std::size_t>(job.failures) + 1;
  if (ran.ends == 0) complain(job_text(number), "has succeeded without having been run");
  if (ran.begins < needed) {
    complain(job_text(number), "was run " + std::to_string(ran.begins) + " times");
  } else {
    figures_.repeated += ran.begins - needed;
  }
  for (int i = 0; i < job.children; ++i) {
    if (!jobs_.contains(child_number(number, i))) {
      complain(job_text(number), "has succeeded without a child that it enqueued");
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
  std::map<std::string, std::uint64_t> ends;
  for (const auto& [key, count] : live_) ends[key.second] += count;
  for (const std::string& state : {succeeded, batch_succeeded}) {
    const auto entered = statistics.lifetime.find(state);
    const std::uint64_t times = entered == statistics.lifetime.end() ? 0 : entered->second;
    if (times == ends[state]) continue;
    complain("statistics", "say that " + std::to_string(times) + " jobs have become " + state +
                               ", of which there are " + std::to_string(ends[state]));
  }
}

void Verdict::complain(const std::string& about, const std::string& what) {
  complaints_.push_back(about + ' ' + what);
}

}  // namespace portfire::chaos
