// Lists of jobs, a page at a time.

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/error.hpp>

#include "storage/common/job_filter.hpp"
#include "storage/common/requests.hpp"
#include "storage/sqlite/monitoring.hpp"
#include "storage/sqlite/packed.hpp"

namespace portfire::sqlite {

namespace {

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

// Where a list stands: behind a job, which may be gone by the time that the list goes on.
struct Place {
  std::int64_t section = 0;  // the kind of the jobs, or `everything`
  std::int64_t state = 0;    // by number; of waiting, parked and final jobs
  std::int64_t first = 0;    // place, due time, or since when
  std::int64_t second = 0;   // key
  std::string queue = {};    // of ready jobs
};

constexpr std::int64_t everything = 6;

std::int64_t take_number(std::string_view& rest, const std::string& cursor) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  const auto length = static_cast<std::size_t>(end - rest.data());
  if (error != std::errc{} || length == rest.size() || *end != ':') {
    throw UsageError{"cursor '" + cursor + "': is not one that a list has given out"};
  }
  rest.remove_prefix(length + 1);
  return number;
}

Place parse_place(const std::string& cursor) {
  std::string_view rest = cursor;
  Place place;
  for (std::int64_t* number : {&place.section, &place.state, &place.first, &place.second}) {
    *number = take_number(rest, cursor);
  }
  place.queue = rest;
  return place;
}

std::string to_text(const Place& place) {
  return std::to_string(place.section) + ':' + std::to_string(place.state) + ':' +
         std::to_string(place.first) + ':' + std::to_string(place.second) + ':' + place.queue;
}

class Search {
 public:
  Search(Snapshot& snapshot, const JobQuery& query)
      : snapshot_{snapshot},
        database_{snapshot.database()},
        query_{query},
        filter_{query},
        work_limit_{std::max<std::size_t>(query.work_limit, 1)} {
    if (!query.cursor.empty()) start_ = parse_place(query.cursor);
  }

  JobPage run() {
    if (!query_.state.empty()) {
      name_ = snapshot_.catalogue().find_name(query_.state);
      if (name_ == 0) return {};
    }
    if (query_.batch || name_ == 0) {
      read_newest();
      return std::move(page_);
    }
    std::int64_t section = start_ ? start_->section : 0;
    for (; section < everything && !done_; ++section) read_section(static_cast<StateKind>(section));
    return std::move(page_);
  }

 private:
  void read_newest() {
    const Place place{.section = everything, .second = start_ ? start_->second : highest};
    if (!query_.batch) {
      Rows rows = database_.rows(Query::list_newest, place.second);
      read(rows, place, &JobRow::key);
      return;
    }
    std::int64_t batch = 0;
    {
      Rows rows = database_.rows(Query::batch_key, *query_.batch);
      if (rows.next()) batch = rows.number(0);
    }
    Rows rows = database_.rows(Query::list_members, batch, place.second);
    read(rows, place, &JobRow::key);
  }

  void read_section(StateKind kind) {
    switch (kind) {
      case StateKind::ready:
        if (is_known_as(StateKind::ready)) read_queues();
        return;
      case StateKind::timed:
        // What waits for an election falls due under the state that it has waited in.
        if (is_known_as(StateKind::timed) || is_known_as(StateKind::waiting)) read_timed();
        return;
      case StateKind::running:
        if (name_ == numbers::processing) read_held();
        return;
      case StateKind::waiting:
      case StateKind::parked:
      case StateKind::final: return read_listed(kind);
    }
  }

  // Whether there was ever a job of that kind in a state of the name asked for.
  [[nodiscard]] bool is_known_as(StateKind kind) const {
    return std::ranges::any_of(snapshot_.catalogue().states(), [&](const StateEntry& state) {
      return state.name == name_ && state.kind == kind;
    });
  }

  [[nodiscard]] bool resumes(StateKind kind) const {
    return start_ && start_->section == static_cast<std::int64_t>(kind);
  }

  // Visits all rows. The place of a row: its key, and by `first` what comes before the key.
  template <class First>
  void read(Rows& rows, Place place, First first) {
    while (rows.next()) {
      const JobRow row = read_job_row(rows);
      place.second = row.key;
      if constexpr (std::is_same_v<First, std::optional<std::int64_t> JobRow::*>) {
        place.first = (row.*first).value_or(0);
      } else {
        place.first = row.*first;
      }
      if (!visit(row, place)) return;
    }
  }

  void read_timed() {
    const bool resumed = resumes(StateKind::timed);
    const Place place{.section = static_cast<std::int64_t>(StateKind::timed)};
    Rows rows = database_.rows(Query::list_timed, resumed ? start_->first : lowest,
                               resumed ? start_->second : lowest);
    read(rows, place, &JobRow::until);
  }

  // States of one name and kind differ by their ending, and are listed one after another.
  void read_listed(StateKind kind) {
    const bool oldest_first = kind == StateKind::waiting;
    // Where the order begins, or where the first that can match stands.
    const auto& bound = oldest_first ? query_.since_from : query_.since_before;
    std::int64_t end = oldest_first ? lowest : highest;
    std::int64_t end_key = end;
    if (bound) {
      end = bound->time_since_epoch().count();
      end_key = lowest;
    }
    for (const StateEntry& state : snapshot_.catalogue().states()) {
      if (state.name != name_ || state.kind != kind) continue;
      if (resumes(kind) && state.number < start_->state) continue;
      const bool resumed = resumes(kind) && state.number == start_->state;
      const Place place{.section = static_cast<std::int64_t>(kind), .state = state.number};
      Rows rows = database_.rows(
          oldest_first ? Query::list_oldest_in_state : Query::list_latest_in_state, state.number,
          resumed ? start_->first : end, resumed ? start_->second : end_key);
      read(rows, place, &JobRow::since);
      if (done_) return;
    }
  }

  void read_queues() {
    Catalogue& catalogue = snapshot_.catalogue();
    std::set<std::string> queues;
    for (const LaneEntry& lane : catalogue.lanes()) queues.insert(catalogue.text(lane.queue));
    const bool resumed = resumes(StateKind::ready);
    for (const std::string& queue : queues) {
      if (resumed && queue < start_->queue) continue;
      if (!query_.queue.empty() && query_.queue != queue) continue;
      const bool behind = resumed && queue == start_->queue;
      if (!read_queue(queue, behind ? start_->first : lowest)) return;
    }
  }

  // All lanes of the queue as one, in portions, because each is in order only by itself. Returns
  // false when the page is done.
  bool read_queue(const std::string& queue, std::int64_t after) {
    constexpr std::size_t portion = 128;
    const auto lanes = snapshot_.catalogue().lanes_of(snapshot_.catalogue().find_name(queue));
    while (true) {
      std::vector<JobRow> jobs;
      std::int64_t known_up_to = highest;
      for (const LaneEntry& lane : lanes) {
        Rows rows = database_.rows(Query::list_ready, lane.number, after, portion);
        std::size_t count = 0;
        for (; rows.next(); ++count) jobs.push_back(read_job_row(rows));
        if (count == portion) known_up_to = std::min(known_up_to, jobs.back().place);
      }
      std::erase_if(jobs, [&](const JobRow& job) { return job.place > known_up_to; });
      if (jobs.empty()) return true;
      std::ranges::sort(jobs, {}, &JobRow::place);
      for (const JobRow& job : jobs) {
        const Place place{.section = static_cast<std::int64_t>(StateKind::ready),
                          .first = job.place,
                          .second = job.key,
                          .queue = queue};
        if (!visit(job, place)) return false;
      }
      after = jobs.back().place;
    }
  }

  void read_held() {
    struct Held {
      std::int64_t at;
      std::int64_t key;
      std::int64_t epoch;
    };
    std::vector<Held> all;
    {
      Rows rows = database_.rows(Query::claims_by_time);
      while (rows.next()) {
        PackedReader jobs{rows.blob(2)};
        Held held{.at = rows.number(1), .key = 0, .epoch = 0};
        while (jobs.next(held.key, 0) && jobs.next(held.epoch, 1)) all.push_back(held);
      }
    }
    auto at = all.begin();
    if (resumes(StateKind::running)) {
      const auto last = std::ranges::find_if(all, [&](const Held& held) {
        return held.at == start_->first && held.key == start_->second;
      });
      at = last != all.end() ? last + 1
                             : std::ranges::upper_bound(all, start_->first, {}, &Held::at);
    }
    for (; at != all.end(); ++at) {
      const std::optional<JobRow> row = job_by_key(database_, at->key);
      const bool held = row && row->kind == StateKind::running &&
                        row->epoch == static_cast<std::uint64_t>(at->epoch);
      const Place place{.section = static_cast<std::int64_t>(StateKind::running),
                        .first = at->at,
                        .second = at->key};
      if (held && !visit(*row, place)) return;
    }
  }

  // Returns false when the section is to be left: the page is done, or no later job can match.
  bool visit(const JobRow& row, const Place& place) {
    const TimePoint since{Duration{row.since}};
    const bool has_kind = place.section != everything;
    if (has_kind && filter_.is_beyond(static_cast<StateKind>(place.section), since)) return false;
    if (page_.examined == work_limit_ || page_.jobs.size() >= query_.limit) {
      page_.next = last_ ? to_text(*last_) : query_.cursor;
      done_ = true;
      return false;
    }
    ++page_.examined;
    last_ = place;
    if (!matches(row)) return true;
    JobSummary summary;
    fill_summary(snapshot_, row, summary);
    if (filter_.matches(summary)) page_.jobs.push_back(std::move(summary));
    return true;
  }

  [[nodiscard]] bool matches(const JobRow& row) const {
    const Catalogue& catalogue = snapshot_.catalogue();
    const TimePoint created_at{Duration{row.created_at}};
    return (name_ == 0 || catalogue.state(row.state).name == name_) &&
           (query_.queue.empty() || query_.queue == catalogue.queue_of(row.lane)) &&
           (query_.name.empty() || query_.name == catalogue.text(row.name)) &&
           (query_.tag.empty() || has_tag(parameters_of(database_, row), query_.tag)) &&
           (!query_.created_from || created_at >= *query_.created_from) &&
           (!query_.created_before || created_at < *query_.created_before);
  }

  Snapshot& snapshot_;
  Database& database_;
  const JobQuery& query_;
  const JobFilter filter_;
  const std::size_t work_limit_;
  std::optional<Place> start_;
  std::int64_t name_ = 0;  // of the state asked for; 0: any
  JobPage page_;
  bool done_ = false;
  std::optional<Place> last_;
};

}  // namespace

JobPage read_page(Snapshot& snapshot, const JobQuery& query) {
  return Search{snapshot, query}.run();
}

}  // namespace portfire::sqlite
