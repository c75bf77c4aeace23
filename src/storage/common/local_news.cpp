#include "storage/common/local_news.hpp"

#include <set>
#include <string>
#include <utility>

#include <portfire/storage/wakeup.hpp>

namespace portfire {

namespace {

class News {
 public:
  explicit News(bool wants_jobs) : wants_jobs_{wants_jobs} {}

  // `queue` is empty where nobody knows.
  void add(JobId job, const State& state, const std::string& queue) {
    if (state.kind == StateKind::ready && !queue.empty()) queues_.insert(queue);
    is_due_ = is_due_ || state.kind == StateKind::timed;
    const bool rests = state.kind == StateKind::final || state.kind == StateKind::parked ||
                       state.ending != Ending::none;
    if (rests && wants_jobs_) topics_.push_back(topics::job(job));
  }

  void add_recurring() { changes_templates_ = true; }

  std::vector<std::string> topics() && {
    for (const std::string& queue : queues_) topics_.push_back(topics::queue(queue));
    if (is_due_) topics_.push_back(topics::due());
    if (changes_templates_) topics_.push_back(topics::recurring());
    return std::move(topics_);
  }

 private:
  const bool wants_jobs_;
  bool is_due_ = false;
  bool changes_templates_ = false;
  std::set<std::string> queues_;
  std::vector<std::string> topics_;
};

}  // namespace

void tell_here(WakeupHub& hub, std::span<const Unit> units, std::span<const CommitResult> results) {
  News news{hub.anybody_waits_for_jobs()};
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (!results[i].done()) continue;
    for (const NewJob& job : units[i].jobs) news.add(job.id, job.state, job.queue);
    for (const Transition& transition : units[i].transitions) {
      news.add(transition.job, transition.state, transition.queue.value_or(""));
    }
    if (!units[i].recurring.empty()) news.add_recurring();
  }
  const std::vector<std::string> topics = std::move(news).topics();
  hub.notify(topics);
}

}  // namespace portfire
