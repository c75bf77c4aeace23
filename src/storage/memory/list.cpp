#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <portfire/error.hpp>

#include "storage/common/cursor.hpp"
#include "storage/common/job_filter.hpp"
#include "storage/common/requests.hpp"
#include "storage/memory/verbs.hpp"

namespace portfire::memory {
namespace {

// Where a list stands: behind a job, which may be gone by the time that the list goes on.
struct Place {
  std::int64_t section = 0;  // the kind of the job's state, or `everything`
  std::int64_t first = 0;    // priority or due time
  std::int64_t second = 0;   // position, number or step
  std::string queue;         // of ready jobs
};

constexpr std::int64_t everything = 6;

Place parse_place(const std::string& cursor) {
  Place place;
  place.queue = read_cursor(cursor, {&place.section, &place.first, &place.second});
  if (place.section < 0 || place.section > everything) {
    throw UsageError{"cursor '" + cursor + "': names no part of a list"};
  }
  return place;
}

std::string to_text(const Place& place) {
  return write_cursor({place.section, place.first, place.second}, place.queue);
}

std::int64_t to_signed(std::uint64_t number) { return static_cast<std::int64_t>(number); }
std::uint64_t to_unsigned(std::int64_t number) { return static_cast<std::uint64_t>(number); }

class Search {
 public:
  Search(Data& data, const JobQuery& query)
      : data_{data},
        query_{query},
        filter_{query},
        work_limit_{std::max<std::size_t>(query.work_limit, 1)} {
    if (!query.cursor.empty()) start_ = parse_place(query.cursor);
  }

  JobPage run() {
    if (!query_.state.empty()) {
      state_ = data_.state_names.find(query_.state);
      if (state_ == nullptr) return {};
    }
    if (query_.batch || state_ == nullptr) {
      if (const Line* line = line_by_number()) read_backwards(*line, everything);
      return std::move(page_);
    }
    // Jobs in states of one name are of one kind, save for the few that an election waits for.
    std::int64_t section = start_ ? start_->section : 0;
    for (; section < everything && !done_; ++section) read_section(static_cast<StateKind>(section));
    return std::move(page_);
  }

 private:
  const Line* line_by_number() const {
    if (!query_.batch) return &data_.by_number;
    const auto row = data_.batches.members.find(*query_.batch);
    return row == data_.batches.members.end() ? nullptr : &row->second;
  }

  void read_section(StateKind kind) {
    const auto section = static_cast<std::int64_t>(kind);
    switch (kind) {
      case StateKind::ready:
        if (has_ready()) read_queues();
        return;
      case StateKind::timed: return read_timed();
      case StateKind::running:
        if (state_ == &data_.processing) read_held();
        return;
      case StateKind::waiting:
        state_->waiting.forwards(to_unsigned(start_of(section).second),
                                 [&](Slot slot) { return visit(section, slot); });
        return;
      case StateKind::parked: return read_backwards(state_->parked, section);
      case StateKind::final: return read_backwards(state_->final, section);
    }
  }

  void read_backwards(const Line& line, std::int64_t section) {
    const bool resumed = start_ && start_->section == section;
    const std::uint64_t before =
        resumed ? to_unsigned(start_->second) : std::numeric_limits<std::uint64_t>::max();
    line.backwards(before, [&](Slot slot) { return visit(section, slot); });
  }

  void read_queues() {
    constexpr auto section = static_cast<std::int64_t>(StateKind::ready);
    const bool resumed = start_ && start_->section == section;
    auto queue = resumed ? data_.queues.lower_bound(start_->queue) : data_.queues.begin();
    for (; queue != data_.queues.end(); ++queue) {
      if (!query_.queue.empty() && query_.queue != queue->first) continue;
      if (live_in(queue->second) == 0) continue;
      std::optional<Turn> after;
      if (resumed && start_->queue == queue->first) {
        after = Turn{static_cast<int>(start_->first), to_unsigned(start_->second)};
      }
      for (MergedReader jobs = queue->second.read(after); !jobs.done(); jobs.next()) {
        if (!visit(section, jobs.slot())) return;
      }
    }
  }

  void read_timed() {
    constexpr auto section = static_cast<std::int64_t>(StateKind::timed);
    const Place start = start_of(section);
    const DueTurn after{TimePoint{Duration{start.first}}, to_unsigned(start.second),
                        std::numeric_limits<Slot>::max()};
    const bool resumed = start_ && start_->section == section;
    auto turn = resumed ? state_->timed.upper_bound(after) : state_->timed.begin();
    for (; turn != state_->timed.end(); ++turn) {
      if (!visit(section, turn->slot)) return;
    }
  }

  void read_held() {
    constexpr auto section = static_cast<std::int64_t>(StateKind::running);
    std::vector<std::pair<std::uint64_t, Slot>> by_step;
    for (const auto& [id, server] : data_.servers) {
      Line::Reader held{server.held, to_unsigned(start_of(section).second)};
      for (; !held.done(); held.next()) {
        by_step.emplace_back(held.entry().order, held.entry().slot);
      }
    }
    std::sort(by_step.begin(), by_step.end());
    for (const auto& [step, slot] : by_step) {
      if (!visit(section, slot)) return;
    }
  }

  // How many jobs of the queue are in the state asked for.
  [[nodiscard]] std::uint64_t live_in(const Queue& queue) const {
    return state_->index < queue.live.size() ? queue.live[state_->index] : 0;
  }

  // Whether any of those in the state asked for is ready.
  [[nodiscard]] bool has_ready() const {
    std::uint64_t others = state_->timed.size() + state_->waiting.size() + state_->parked.size() +
                           state_->final.size();
    std::uint64_t all = 0;
    for (const auto& [name, queue] : data_.queues) {
      all += live_in(queue);
      if (state_ == &data_.processing) others += queue.running;
    }
    return all > others;
  }

  // The place behind which a section begins.
  [[nodiscard]] Place start_of(std::int64_t section) const {
    return start_ && start_->section == section ? *start_ : Place{};
  }

  // Returns false when the section is to be left: the page is done, or no later job can match.
  bool visit(std::int64_t section, Slot slot) {
    const Job& job = data_.jobs.at(slot);
    const bool has_kind = section != everything;
    if (has_kind && filter_.is_beyond(static_cast<StateKind>(section), job.present.since)) {
      return false;
    }
    if (page_.examined == work_limit_ || page_.jobs.size() >= query_.limit) {
      page_.next = last_ == nullptr ? query_.cursor : to_text(place_of(section_of_last_, *last_));
      done_ = true;
      return false;
    }
    ++page_.examined;
    last_ = &job;
    section_of_last_ = section;
    if (!matches(job)) return true;
    JobSummary summary = summary_of(job);
    if (filter_.matches(summary)) page_.jobs.push_back(std::move(summary));
    return true;
  }

  [[nodiscard]] bool matches(const Job& job) const {
    return (state_ == nullptr || job.present.name == state_) &&
           (query_.queue.empty() || query_.queue == job.queue->name) &&
           (query_.name.empty() || query_.name == job.name) &&
           (query_.tag.empty() || (job.extra && has_tag(job.extra->parameters, query_.tag))) &&
           (!query_.created_from || job.created_at >= *query_.created_from) &&
           (!query_.created_before || job.created_at < *query_.created_before);
  }

  [[nodiscard]] static Place place_of(std::int64_t section, const Job& job) {
    if (section == everything) return {.section = section, .second = to_signed(job.number)};
    switch (job.present.kind) {
      case StateKind::ready:
        return {.section = section,
                .first = job.priority,
                .second = to_signed(job.position),
                .queue = job.queue->name};
      case StateKind::timed:
        return {.section = section,
                .first = job.due_at.time_since_epoch().count(),
                .second = to_signed(job.number)};
      default: return {.section = section, .second = to_signed(job.step)};
    }
  }

  Data& data_;
  const JobQuery& query_;
  const JobFilter filter_;
  const std::size_t work_limit_;
  std::optional<Place> start_;
  StateName* state_ = nullptr;
  JobPage page_;
  bool done_ = false;
  const Job* last_ = nullptr;
  std::int64_t section_of_last_ = 0;
};

}  // namespace

JobPage list(Data& data, const JobQuery& query) { return Search{data, query}.run(); }

}  // namespace portfire::memory
