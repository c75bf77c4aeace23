#include "simulation/audit.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "simulation/ledger.hpp"
#include "simulation/workload.hpp"

namespace portfire::simulation {
namespace {

using Truth = std::unordered_map<JobId, JobDetails>;

bool is_at_rest(const JobDetails& job) {
  return job.kind == StateKind::final || job.kind == StateKind::parked;
}

class Audit {
 public:
  explicit Audit(Universe& universe) : universe_{universe}, ledger_{universe.ledger} {
    for (const JobId id : ledger_.order()) {
      if (auto job = universe.truth.monitoring().job(id)) truth_.emplace(id, *std::move(job));
    }
  }

  // Why the job may wait; empty for no reason.
  std::string reason_to_wait(const JobDetails& job) const {
    if (job.in_line) return others_hold_limit(job) ? "others of its limit come first" : "";
    if (job.members) {
      const auto members = ledger_.members().find(job.id);
      if (members == ledger_.members().end()) return {};
      return any_goes_on(members->second) ? "a member has not ended" : "";
    }
    return std::ranges::any_of(job.parents, [&](const Parent& parent) { return goes_on(parent); })
               ? "a parent has not ended"
               : "";
  }

  std::string first_unsettled() const {
    for (const JobId id : ledger_.order()) {
      const auto found = truth_.find(id);
      if (found == truth_.end() || is_at_rest(found->second)) continue;
      const bool waits = found->second.kind == StateKind::waiting || found->second.in_line;
      if (waits && !reason_to_wait(found->second).empty()) continue;
      return ledger_.name_of(id) + " is " + found->second.state +
             (waits ? " and waits for nothing" : "");
    }
    return {};
  }

  void run() {
    for (const JobId id : ledger_.order()) {
      const auto found = truth_.find(id);
      if (found == truth_.end()) return violation(ledger_.name_of(id) + " is lost");
      check(ledger_.jobs().at(id), found->second);
    }
    for (const JobId id : ledger_.promises()) {
      if (!truth_.contains(id)) violation("a job that was promised does not exist");
    }
    if (std::string left = first_unsettled(); !left.empty()) violation(left);
    check_counters();
    check_occurrences();
    if (!universe_.truth.monitoring().servers().empty() && universe_.faults.injected() == 0) {
      violation("a server that has stopped is still on the list");
    }
  }

 private:
  void violation(std::string what) { universe_.journal.violation("at the end: " + what); }

  // Whether what is waited for in the parent may still come.
  bool goes_on(const Parent& parent) const {
    const auto found = truth_.find(parent.job);
    if (found == truth_.end() || found->second.kind == StateKind::final) return false;
    return parent.on != Condition::failed || found->second.ending != Ending::failed;
  }

  bool any_goes_on(const std::vector<JobId>& jobs) const {
    return std::ranges::any_of(jobs, [&](JobId id) {
      const auto found = truth_.find(id);
      return found != truth_.end() && found->second.kind != StateKind::final;
    });
  }

  bool others_hold_limit(const JobDetails& job) const {
    return std::ranges::any_of(truth_, [&](const auto& each) {
      const JobDetails& other = each.second;
      const Limit& limit = ledger_.jobs().at(other.id).limit;
      return limit.key == job.limit_key && !other.in_line &&
             limit.counts_while.contains(other.kind);
    });
  }

  void check(const JobEntry& entry, const JobDetails& job) {
    const std::string name = ledger_.name_of(job.id);
    if (entry.holder) violation(name + " is held by an execution that nobody knows of");
    if (job.kind == StateKind::running) violation(name + " is running, and no server is left");
    std::uint64_t successes = 0;
    for (const HistoryEntry& step : job.history) {
      if (!step.elected_away && step.state == state_names::succeeded) ++successes;
    }
    const auto accepted = entry.times.find(std::string{state_names::succeeded});
    const std::uint64_t expected = accepted == entry.times.end() ? 0 : accepted->second;
    if (!entry.is_batch && successes != expected) {
      violation(name + " succeeded " + std::to_string(successes) + " times by its history, but " +
                std::to_string(expected) + " outcomes were accepted");
    }
    const bool was_ended_directly = entry.kind == StateKind::final;
    if (was_ended_directly && !entry.is_batch && job.state != entry.state) {
      violation(name + " is " + job.state + " although " + entry.state + " was accepted last");
    }
    if (job.members) check_batch(job, name);
    if (!entry.changed_by_hand && !entry.parents.empty()) check_continuation(entry, job, name);
  }

  static bool is_step(const HistoryEntry& step, StateKind kind) {
    return step.kind == kind && !step.elected_away;
  }
  static std::optional<TimePoint> first(const JobDetails& job, StateKind kind) {
    const auto found = std::ranges::find_if(
        job.history, [&](const HistoryEntry& step) { return is_step(step, kind); });
    return found == job.history.end() ? std::nullopt : std::optional{found->at};
  }
  // Whether it came to an end and went on after it, as a batch does that gets another member.
  static bool was_reopened(const JobDetails& job) {
    return std::ranges::count_if(job.history, [](const HistoryEntry& step) {
             return is_step(step, StateKind::final);
           }) > 1;
  }

  // Whatever became of the batch later, it had ended once before that one ran.
  void check_waited(const JobDetails& job, const JobDetails& batch, const std::string& name) {
    const auto ran = first(job, StateKind::running);
    const auto ended = first(batch, StateKind::final);
    if (ran && (!ended || *ran < *ended)) {
      violation(name + " ran before " + ledger_.name_of(batch.id) + " had ended");
    }
  }

  // Directly, or with a batch that it is in.
  [[nodiscard]] bool was_changed_by_hand(JobId id) const {
    for (; id; id = ledger_.jobs().at(id).batch) {
      if (ledger_.jobs().at(id).changed_by_hand) return true;
    }
    return false;
  }

  // A continuation has run exactly when all of its conditions have come true.
  void check_continuation(const JobEntry& entry, const JobDetails& job, const std::string& name) {
    if (entry.batch) return;
    for (const Parent& parent : entry.parents) {
      const auto found = truth_.find(parent.job);
      const bool is_batch = found != truth_.end() && found->second.members;
      if (is_batch && parent.on != Condition::failed) check_waited(job, found->second, name);
    }
    if (job.kind == StateKind::waiting) return;
    bool all_met = true;
    for (const Parent& parent : entry.parents) {
      const auto found = truth_.find(parent.job);
      if (found == truth_.end() || was_changed_by_hand(parent.job)) return;
      const bool ended = found->second.kind == StateKind::final;
      if (!ended && parent.on != Condition::failed) return;
      if (found->second.members && was_reopened(found->second)) return;
      const Ending ending = found->second.ending;
      all_met &= parent.on == Condition::finished ||
                 (parent.on == Condition::succeeded && ending == Ending::succeeded) ||
                 (parent.on == Condition::deleted && ending == Ending::deleted) ||
                 (parent.on == Condition::failed && ending == Ending::failed);
    }
    const bool was_given_out = !entry.issued.empty();
    if (was_given_out != all_met) {
      violation(name + (all_met ? " never ran although its conditions were met"
                                : " ran although its conditions were not met"));
    }
  }

  void check_batch(const JobDetails& batch, const std::string& name) {
    MemberCounts counts;
    const auto found = ledger_.members().find(batch.id);
    const auto members = found == ledger_.members().end() ? std::vector<JobId>{} : found->second;
    for (const JobId id : members) {
      const JobDetails& member = truth_.at(id);
      ++counts.total;
      if (member.kind != StateKind::final) ++counts.outstanding;
      if (member.kind == StateKind::final && member.ending == Ending::succeeded) {
        ++counts.succeeded;
      }
    }
    if (*batch.members == counts) {
      if (!was_changed_by_hand(batch.id)) check_end(batch, members, counts, name);
      return;
    }
    const auto text = [](const MemberCounts& each) {
      return std::to_string(each.total) + "/" + std::to_string(each.outstanding) + "/" +
             std::to_string(each.succeeded);
    };
    violation(name + " counts its members as " + text(*batch.members) + " instead of " +
              text(counts));
  }

  // One that has ended by itself and for good did so after its members, and as they did.
  void check_end(const JobDetails& batch, const std::vector<JobId>& members,
                 const MemberCounts& counts, const std::string& name) {
    const bool has_ended = batch.kind == StateKind::final && batch.ending != Ending::deleted;
    if (!has_ended || was_reopened(batch)) return;
    const TimePoint end = *first(batch, StateKind::final);
    bool was_changed = false;
    for (const JobId id : members) {
      was_changed |= was_changed_by_hand(id);
      const auto ended = first(truth_.at(id), StateKind::final);
      if (ended && *ended <= end) continue;
      return violation(name + " ended before its member " + ledger_.name_of(id));
    }
    const bool all_succeeded = counts.succeeded == counts.total;
    const auto expected =
        all_succeeded ? state_names::batch_succeeded : state_names::batch_completed;
    if (!was_changed && batch.state != expected) {
      violation(name + " is " + batch.state + " with " + std::to_string(counts.succeeded) + " of " +
                std::to_string(counts.total) + " members that succeeded");
    }
  }

  void check_counters() {
    const Statistics statistics = universe_.truth.monitoring().statistics();
    std::map<std::string, std::uint64_t> now;
    std::map<std::string, std::uint64_t> ever{{"Created", truth_.size()}};
    for (const auto& [id, job] : truth_) {
      ++now[job.queue + "/" + job.state];
      for (const HistoryEntry& step : job.history) {
        const bool counts = step.kind == StateKind::final || step.kind == StateKind::parked;
        if (counts && !step.elected_away) ++ever[step.state];
      }
    }
    std::map<std::string, std::uint64_t> counted;
    for (const StateCount& each : statistics.live) {
      counted[each.queue + "/" + each.state] = each.count;
    }
    compare(counted, now, "jobs now in ");
    compare(statistics.lifetime, ever, "jobs ever in ");
  }

  void compare(const std::map<std::string, std::uint64_t>& counted,
               const std::map<std::string, std::uint64_t>& truth, const std::string& what) {
    for (const auto& [name, count] : truth) {
      const auto found = counted.find(name);
      const std::uint64_t said = found == counted.end() ? 0 : found->second;
      if (said == count) continue;
      violation(what + name + " are " + std::to_string(count) + ", but counted as " +
                std::to_string(said));
    }
    for (const auto& [name, count] : counted) {
      if (!truth.contains(name)) {
        violation(what + name + " are none, but counted as " + std::to_string(count));
      }
    }
  }

  // That none came twice, the ledger has seen; here that none is missing. What was triggered by
  // hand is no occurrence of the schedule, which goes by whole seconds.
  void check_occurrences() {
    const auto found = ledger_.occurrences().find('"' + std::string{gapless_definition} + '"');
    if (found == ledger_.occurrences().end()) return;
    std::optional<TimePoint> before;
    for (const std::string& text : found->second) {
      const auto occurrence = parse_time(std::string_view{text}.substr(1, text.size() - 2));
      if (!occurrence) return violation("an occurrence without a time: " + text);
      if (occurrence->time_since_epoch() % std::chrono::seconds{1} != Duration::zero()) continue;
      if (before && *occurrence - *before != std::chrono::seconds{1}) {
        violation("an occurrence before " + text + " was never fired");
      }
      before = occurrence;
    }
  }

  Universe& universe_;
  const Ledger& ledger_;
  Truth truth_;
};

}  // namespace

std::string overdue_definition(Universe& universe) {
  constexpr std::chrono::seconds tolerated{2};
  const TimePoint now = universe.truth.monitoring().now();
  for (const RecurringRecord& record : universe.truth.coordination().list_recurring({})) {
    if (record.due_at && now - *record.due_at < tolerated) continue;
    return "definition " + record.id + " is not fired";
  }
  return {};
}

std::string unsettled(Universe& universe) { return Audit{universe}.first_unsettled(); }

bool is_settled(Universe& universe) {
  for (const StateCount& each : universe.truth.monitoring().statistics().live) {
    const bool goes_on = each.state == state_names::enqueued ||
                         each.state == state_names::scheduled ||
                         each.state == state_names::processing;
    if (goes_on) return false;
  }
  return unsettled(universe).empty();
}

void audit_end(Universe& universe) { Audit{universe}.run(); }

}  // namespace portfire::simulation
