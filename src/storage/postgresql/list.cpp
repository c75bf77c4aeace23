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

class Search {
 public:
  Search(Connection& connection, const JobQuery& query)
      : connection_{connection},
        query_{query},
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
      for (std::int64_t section = start_ ? start_->section : 0; section < everything; ++section) {
        if (!read_section(static_cast<StateKind>(section))) break;
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

  // Each of these returns false when the page is done.
  bool read_section(StateKind kind) {
    // Without the kind among the states of this name there is nothing to look for.
    if (!by_kind_.contains(kind)) return true;
    switch (kind) {
      case StateKind::ready: return read_queues();
      case StateKind::timed: return read_timed();
      case StateKind::running: return read_held();
      case StateKind::waiting:
      case StateKind::parked:
      case StateKind::final: return read_states_of(kind);
    }
    return true;
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
  bool read_from(Place& place, Read read) {
    std::size_t portion = std::min(std::max(query_.limit + 1, first_portion), largest_portion);
    while (true) {
      Result rows = read(portion);
      while (rows.next()) {
        place.id = rows.id<JobId>(0);
        place.instant = rows.time(1).time_since_epoch().count();
        place.number = rows.number(2);
        place.index = rows.number(3);
        if (!visit(rows, place)) return false;
      }
      if (rows.rows() < portion) return true;
      portion = std::min(2 * portion, largest_portion);
    }
  }

  bool read_timed() {
    Place place = start_of(StateKind::timed);
    return read_from(place, [&](std::size_t portion) {
      return connection_.run(Query::list_timed, place.time(), place.number, portion);
    });
  }

  bool read_held() {
    Place place = start_of(StateKind::running);
    return read_from(place, [&](std::size_t portion) {
      return connection_.run(Query::list_held, place.time(), place.number, place.index, portion);
    });
  }

  // States of one name and kind differ by their ending, and are listed one after another.
  bool read_states_of(StateKind kind) {
    for (const std::int64_t state : by_kind_[kind]) {
      if (resumes(kind) && state < start_->state) continue;
      Place place{.section = static_cast<std::int64_t>(kind), .state = state};
      if (kind != StateKind::waiting) {
        place.instant = TimePoint::max().time_since_epoch().count();
        place.number = highest;
        place.id = last_id;
      }
      if (resumes(kind) && state == start_->state) place = *start_;
      const bool go_on = read_from(place, [&](std::size_t portion) {
        const auto number = static_cast<std::int16_t>(state);
        if (kind == StateKind::final) {
          return connection_.run(Query::list_final, number, place.time(), place.id, portion);
        }
        const Query query = kind == StateKind::waiting ? Query::list_waiting : Query::list_parked;
        return connection_.run(query, number, place.time(), place.number, portion);
      });
      if (!go_on) return false;
    }
    return true;
  }

  // All lanes of a queue are one order.
  bool read_queues() {
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
      const bool go_on = read_from(place, [&, &lanes = numbers](std::size_t portion) {
        return connection_.run(Query::list_ready, lanes, place.number, portion);
      });
      if (!go_on) return false;
    }
    return true;
  }

  bool visit(const Result& row, const Place& place) {
    if (page_.examined == work_limit_ || wanted_.size() >= query_.limit) {
      page_.next = last_ ? to_text(*last_) : query_.cursor;
      return false;
    }
    ++page_.examined;
    last_ = place;
    if (matches(row)) wanted_.push_back(place.id);
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
  const std::size_t work_limit_;
  std::optional<Place> start_;
  std::vector<Lane> lanes_;                                 // by queue
  std::map<std::int64_t, std::string> queues_;              // of each lane
  std::set<std::int64_t> states_;                           // of the name asked for
  std::map<StateKind, std::vector<std::int64_t>> by_kind_;  // the same
  JobPage page_;
  std::vector<JobId> wanted_;
  std::optional<Place> last_;
};

}  // namespace

JobPage read_page(Connection& connection, const JobQuery& query) {
  return Search{connection, query}.run();
}

}  // namespace portfire::postgresql
