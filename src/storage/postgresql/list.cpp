// Lists of jobs, a page at a time.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/common/cursor.hpp"
#include "storage/common/job_filter.hpp"
#include "storage/common/requests.hpp"
#include "storage/postgresql/monitoring.hpp"

namespace portfire::postgresql {

namespace {

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();
constexpr TimePoint first_of_all = std::chrono::sys_days{std::chrono::year{1} / 1 / 1};

// Rows read at a time: enough for a page without filters; where few match, more and more.
constexpr std::size_t first_portion = 64;
constexpr std::size_t largest_portion = 4096;

// Where a list stands: behind a job, which may be gone by the time that the list goes on.
struct Place {
  std::int64_t section = 0;  // the kind of the jobs, or `everything`
  std::int64_t state = 0;    // by number; of waiting, parked and final jobs
  std::int64_t instant = first_of_all.time_since_epoch().count();  // due, claimed, or since when
  std::int64_t number = lowest;                                    // place, position or claim
  std::int64_t index = lowest;                                     // in the claim
  JobId id = {};
  std::string queue = {};  // of ready jobs

  [[nodiscard]] TimePoint time() const { return TimePoint{Duration{instant}}; }
};

constexpr std::int64_t everything = 6;
constexpr JobId last_id{std::numeric_limits<std::uint64_t>::max(),
                        std::numeric_limits<std::uint64_t>::max()};

Place parse_place(const std::string& cursor) {
  Place place;
  std::int64_t high = 0;
  std::int64_t low = 0;
  place.queue = read_cursor(cursor, {&place.section, &place.state, &place.instant, &place.number,
                                     &place.index, &high, &low});
  place.id = JobId{static_cast<std::uint64_t>(high), static_cast<std::uint64_t>(low)};
  return place;
}

std::string to_text(const Place& place) {
  return write_cursor(
      {place.section, place.state, place.instant, place.number, place.index,
       static_cast<std::int64_t>(place.id.high()), static_cast<std::int64_t>(place.id.low())},
      place.queue);
}

struct Lane {
  std::int64_t number = 0;
  std::string queue;
};

// A row, and whether it matches as far as it tells.
struct Seen {
  Place place;
  bool matches = false;
};

class Search {
 public:
  Search(Connection& connection, const JobQuery& query)
      : connection_{connection},
        query_{query},
        filter_{query},
        work_limit_{std::max<std::size_t>(query.work_limit, 1)} {
    if (!query.cursor.empty()) start_ = parse_place(query.cursor);
  }

  JobPage run() {
    read_lanes();
    if (!query_.state.empty()) read_states();
    if (query_.batch) {
      Place place{.section = everything, .number = start_ ? start_->number : highest};
      read_from(place, [&](std::size_t portion) {
        return connection_.run(Query::list_members, *query_.batch, place.number, portion);
      });
    } else if (query_.state.empty()) {
      Place place{.section = everything, .id = start_ ? start_->id : last_id};
      read_from(place, [&](std::size_t portion) {
        return connection_.run(Query::list_newest, place.id, portion);
      });
    } else {
      std::int64_t section = start_ ? start_->section : 0;
      for (; section < everything && !done_; ++section) {
        read_section(static_cast<StateKind>(section));
      }
    }
    finish();
    return std::move(page_);
  }

 private:
  void read_lanes() {
    Result rows = connection_.run(Query::lanes);
    while (rows.next()) lanes_.push_back({rows.number(0), rows.string(1)});
    for (const Lane& lane : lanes_) queues_[lane.number] = lane.queue;
  }

  void read_states() {
    Result rows = connection_.run(Query::states_by_name, query_.state);
    while (rows.next()) {
      states_.insert(rows.number(0));
      by_kind_[rows.number<StateKind>(1)].push_back(rows.number(0));
    }
  }

  void read_section(StateKind kind) {
    // Without the kind among the states of this name there is nothing to look for.
    if (!by_kind_.contains(kind)) return;
    switch (kind) {
      case StateKind::ready: return read_queues();
      case StateKind::timed: return read_timed();
      case StateKind::running: return read_held();
      case StateKind::waiting:
      case StateKind::parked:
      case StateKind::final: return read_states_of(kind);
    }
  }

  [[nodiscard]] bool resumes(StateKind kind) const {
    return start_ && start_->section == static_cast<std::int64_t>(kind);
  }
  [[nodiscard]] Place start_of(StateKind kind) const {
    return resumes(kind) ? *start_ : Place{.section = static_cast<std::int64_t>(kind)};
  }

  // Visits all rows, a portion after the other. `read` answers with those behind `place`, of which
  // state, section and queue stay as they are.
  template <class Read>
  void read_from(Place& place, Read read) {
    std::size_t portion = std::min(std::max(query_.limit + 1, first_portion), largest_portion);
    while (true) {
      Result rows = read(portion);
      std::vector<Seen> seen;
      while (rows.next()) {
        place.id = rows.id<JobId>(0);
        place.instant = rows.time(1).time_since_epoch().count();
        place.number = rows.number(2);
        place.index = rows.number(3);
        if (filter_.is_set()) {
          seen.push_back({place, matches(rows)});
        } else if (!visit(place, matches(rows))) {
          return;
        }
      }
      if (!visit_deeply(seen) || rows.rows() < portion) return;
      portion = std::min(2 * portion, largest_portion);
    }
  }

  // What the rows do not tell is read for those alone that match so far and may be visited.
  bool visit_deeply(const std::vector<Seen>& seen) {
    std::vector<JobId> ids;
    std::size_t left = work_limit_ - page_.examined;
    for (const Seen& one : seen) {
      if (left-- == 0 || is_beyond(one.place)) break;
      if (one.matches) ids.push_back(one.place.id);
    }
    std::set<JobId> found;
    for (const ShownJob& job : read_summaries(connection_, ids)) {
      if (filter_.matches(job.summary)) found.insert(job.summary.id);
    }
    return std::ranges::all_of(
        seen, [&](const Seen& one) { return visit(one.place, found.contains(one.place.id)); });
  }

  void read_timed() {
    Place place = start_of(StateKind::timed);
    read_from(place, [&](std::size_t portion) {
      return connection_.run(Query::list_timed, place.time(), place.number, portion);
    });
  }

  void read_held() {
    Place place = start_of(StateKind::running);
    if (!resumes(StateKind::running)) begin_at(place, query_.since_from);
    read_from(place, [&](std::size_t portion) {
      return connection_.run(Query::list_held, place.time(), place.number, place.index, portion);
    });
  }

  // States of one name and kind differ by their ending, and are listed one after another.
  void read_states_of(StateKind kind) {
    for (const std::int64_t state : by_kind_[kind]) {
      if (resumes(kind) && state < start_->state) continue;
      Place place{.section = static_cast<std::int64_t>(kind), .state = state};
      if (kind != StateKind::waiting) {
        place.instant = TimePoint::max().time_since_epoch().count();
        place.number = highest;
        place.id = last_id;
      }
      begin_at(place, kind == StateKind::waiting ? query_.since_from : query_.since_before);
      if (resumes(kind) && state == start_->state) place = *start_;
      read_from(place, [&](std::size_t portion) {
        const auto number = static_cast<std::int16_t>(state);
        if (kind == StateKind::final) {
          return connection_.run(Query::list_final, number, place.time(), place.id, portion);
        }
        const Query query = kind == StateKind::waiting ? Query::list_waiting : Query::list_parked;
        return connection_.run(query, number, place.time(), place.number, portion);
      });
      if (done_) return;
    }
  }

  // In an order by the instant: before the first of that instant, in either direction.
  static void begin_at(Place& place, std::optional<TimePoint> instant) {
    if (!instant) return;
    place.instant = std::max(*instant, first_of_all).time_since_epoch().count();
    place.number = lowest;
    place.id = {};
  }

  // All lanes of a queue are one order.
  void read_queues() {
    std::map<std::string, std::vector<std::int32_t>> queues;
    for (const Lane& lane : lanes_) {
      if (!query_.queue.empty() && query_.queue != lane.queue) continue;
      queues[lane.queue].push_back(static_cast<std::int32_t>(lane.number));
    }
    const bool resumed = resumes(StateKind::ready);
    for (const auto& [queue, numbers] : queues) {
      if (resumed && queue < start_->queue) continue;
      Place place{.section = static_cast<std::int64_t>(StateKind::ready), .queue = queue};
      if (resumed && queue == start_->queue) place.number = start_->number;
      read_from(place, [&, &lanes = numbers](std::size_t portion) {
        return connection_.run(Query::list_ready, lanes, place.number, portion);
      });
      if (done_) return;
    }
  }

  [[nodiscard]] bool is_beyond(const Place& place) const {
    return place.section != everything &&
           filter_.is_beyond(static_cast<StateKind>(place.section), place.time());
  }

  // Returns false when the section is to be left: the page is done, or no later job can match.
  bool visit(const Place& place, bool matches) {
    if (is_beyond(place)) return false;
    if (page_.examined == work_limit_ || wanted_.size() >= query_.limit) {
      page_.next = last_ ? to_text(*last_) : query_.cursor;
      done_ = true;
      return false;
    }
    ++page_.examined;
    last_ = place;
    if (matches) wanted_.push_back(place.id);
    return true;
  }

  [[nodiscard]] bool matches(const Result& row) const {
    const TimePoint created_at = row.time(7);
    return (query_.state.empty() || states_.contains(row.number(5))) &&
           (query_.queue.empty() || query_.queue == queues_.at(row.number(4))) &&
           (query_.name.empty() || query_.name == row.text(6)) &&
           (query_.tag.empty() ||
            has_tag({{std::string{tags_parameter}, row.string(8)}}, query_.tag)) &&
           (!query_.created_from || created_at >= *query_.created_from) &&
           (!query_.created_before || created_at < *query_.created_before);
  }

  void finish() {
    for (ShownJob& job : read_summaries(connection_, wanted_)) {
      page_.jobs.push_back(std::move(job.summary));
    }
  }

  Connection& connection_;
  const JobQuery& query_;
  const JobFilter filter_;
  const std::size_t work_limit_;
  std::optional<Place> start_;
  std::vector<Lane> lanes_;                                 // by queue
  std::map<std::int64_t, std::string> queues_;              // of each lane
  std::set<std::int64_t> states_;                           // of the name asked for
  std::map<StateKind, std::vector<std::int64_t>> by_kind_;  // the same
  JobPage page_;
  bool done_ = false;
  std::vector<JobId> wanted_;
  std::optional<Place> last_;
};

}  // namespace

JobPage read_page(Connection& connection, const JobQuery& query) {
  return Search{connection, query}.run();
}

}  // namespace portfire::postgresql
