// Jobs that wait for other jobs.

#include <deque>
#include <utility>
#include <vector>

#include "model/continuation.hpp"
#include "storage/memory/indexes.hpp"
#include "storage/memory/moves.hpp"

namespace portfire::memory {
namespace {

struct Ended {
  Job* job;
  Ending ending;
};

// The decision is made; `promote` finds the child due and has it elected.
void make_due(Call& call, Job& child, State candidate) {
  detach(call.data, child);
  child.present.kind = StateKind::timed;
  child.due_at = call.now;
  child.extra->candidate.make() = std::move(candidate);
  attach(call.data, child);
  call.news.due();
}

void drop_edge(Call& call, Job& parent, Job& child, const ChildKey& key) {
  touch(call, parent);
  parent.extra->children.erase(key);
  child.extra->waiting->parents.erase(key.parent_index);
}

class Settlement {
 public:
  Settlement(Call& call, Release release) : call_{call}, release_{release} {}

  // Breadth first and without recursion: however long a chain is, the stack stays as it is.
  void run(Ended first) {
    ended_.push_back(first);
    go_on();
  }

  void go_on() {
    while (!ended_.empty()) {
      const Ended next = ended_.front();
      ended_.pop_front();
      if (next.job->extra) decide_children(next);
    }
  }

  void conclude(Job& child, State next) {
    if (release_ == Release::elect) {
      if (child.extra->waiting) forget_parents(call_, child);
      make_due(call_, child, std::move(next));
      return;
    }
    leave(call_, child);
    arrive(call_, child, next);
    if (next.ending != Ending::none) ended_.push_back({&child, next.ending});
  }

 private:
  void decide_children(const Ended& parent) {
    const auto& children = parent.job->extra->children;
    const std::vector<std::pair<ChildKey, Slot>> edges{children.begin(), children.end()};
    for (const auto& [key, slot] : edges) {
      // An earlier edge of the same child may have decided already.
      if (parent.job->extra->children.contains(key)) {
        decide_child(parent, key, call_.data.jobs.at(slot));
      }
    }
  }

  void decide_child(const Ended& parent, const ChildKey& key, Job& child) {
    Waiting& waiting = *child.extra->waiting;
    const Verdict verdict = decide(waiting.parents.at(key.parent_index).on, parent.ending);
    if (verdict == Verdict::waits) return;
    touch(call_, child);
    drop_edge(call_, *parent.job, child, key);
    if (verdict == Verdict::unmet) {
      conclude(child, waiting.when_unmet);
    } else if (waiting.parents.empty()) {
      conclude(child, waiting.when_met);
    }
  }

  Call& call_;
  const Release release_;
  std::deque<Ended> ended_;
};

}  // namespace

void settle(Call& call, Job& ended, Ending ending, Release release) {
  if (ending == Ending::none || !ended.extra || ended.extra->children.empty()) return;
  Settlement{call, release}.run({&ended, ending});
}

void conclude(Call& call, Job& job, State next, Release release) {
  Settlement settlement{call, release};
  settlement.conclude(job, std::move(next));
  settlement.go_on();
}

void wait_for_parents(Call& call, Job& job, const NewJob& description) {
  Waiting& waiting = job.extra.make().waiting.make();
  waiting.when_met = description.when_met;
  waiting.when_unmet = description.when_unmet;
  bool unmet = false;
  std::uint32_t index = 0;
  for (const Parent& parent : description.parents) {
    Job& waited_for = *call.data.jobs.find(parent.job);
    const Verdict verdict = decide(parent.on, waited_for.present.ending);
    if (verdict == Verdict::unmet) unmet = true;
    if (verdict == Verdict::waits) {
      // No image: taking a creation back removes the edge.
      waited_for.extra.make().children.emplace(ChildKey{job.number, index}, job.slot);
      waiting.parents.emplace(index, parent);
    }
    ++index;
  }
  // Nobody can wait for a job that is being created: there is nothing to settle after it.
  if (unmet || waiting.parents.empty()) {
    const State next = unmet ? waiting.when_unmet : waiting.when_met;
    leave(call, job);
    arrive(call, job, next);
  }
}

}  // namespace portfire::memory
