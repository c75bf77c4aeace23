// Lists of jobs, a page at a time.

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <portfire/error.hpp>

#include "embedded_lua.hpp"
#include "storage/common/cursor.hpp"
#include "storage/common/job_filter.hpp"
#include "storage/common/requests.hpp"
#include "storage/redis/call.hpp"
#include "storage/redis/job_record.hpp"
#include "storage/redis/monitoring.hpp"
#include "storage/redis/packed.hpp"

namespace portfire::redis {

namespace {

// Jobs read at a time: enough for a page without filters; where few match, more and more.
constexpr std::size_t first_portion = 64;
constexpr std::size_t largest_portion = 1024;

constexpr std::int64_t everything = 6;

// Ready and timed jobs are in orders of all states, so most may be others than those asked for.
constexpr std::array order_of_sections{StateKind::waiting, StateKind::running, StateKind::parked,
                                       StateKind::final,   StateKind::ready,   StateKind::timed};

constexpr std::int64_t beyond_all = std::int64_t{1} << 53;

// Where a list stands: behind a job, which may be gone by the time that the list goes on.
struct Place {
  std::int64_t section = 0;  // the kind of the jobs, or `everything`
  std::int64_t at = -1;      // number in a row, place in a queue, instant, claim
  std::int64_t index = -1;   // in a claim; of timed jobs the number of their creation
  JobId id = {};             // of timed jobs
  std::string queue = {};    // of ready jobs
};

Place parse_place(const std::string& cursor) {
  Place place;
  std::int64_t high = 0;
  std::int64_t low = 0;
  place.queue = read_cursor(cursor, {&place.section, &place.at, &place.index, &high, &low});
  place.id = JobId{static_cast<std::uint64_t>(high), static_cast<std::uint64_t>(low)};
  if (place.section < 0 || place.section > everything) {
    throw UsageError{"cursor '" + cursor + "': names no part of a list"};
  }
  return place;
}

std::string to_text(const Place& place) {
  return write_cursor(
      {place.section, place.at, place.index, static_cast<std::int64_t>(place.id.high()),
       static_cast<std::int64_t>(place.id.low())},
      place.queue);
}

// One job of a script's answer.
struct Row {
  const Reply* values;
  JobRecord record;
  std::int64_t at = 0;
  std::int64_t index = 0;
};

// What a script has answered; rows refer to it.
class Portion {
 public:
  explicit Portion(Reply answer) : answer_{std::move(answer)} {
    constexpr std::size_t width = 6;
    const std::vector<Reply>& values = answer_.as_array();
    for (std::size_t at = 0; at + width <= values.size(); at += width) {
      rows.push_back({.values = &values[at],
                      .record = read_record(values[at + 1].as_text()),
                      .at = values[at + 4].as_integer(),
                      .index = values[at + 5].as_integer()});
    }
    more = values.size() % width != 0;
  }
  Portion(const Portion&) = delete;
  Portion& operator=(const Portion&) = delete;

  std::vector<Row> rows;
  bool more = false;

 private:
  Reply answer_;
};

class Search {
 public:
  Search(const Settings& settings, Gateway& gateway, const JobQuery& query)
      : settings_{settings},
        gateway_{gateway},
        query_{query},
        filter_{query},
        work_limit_{std::max<std::size_t>(query.work_limit, 1)} {
    if (!query.cursor.empty()) start_ = parse_place(query.cursor);
  }

  JobPage run() {
    if (query_.batch || query_.state.empty()) {
      read_row(everything, row_by_number(), false);
      return std::move(page_);
    }
    bool reached = !start_;
    for (const StateKind kind : order_of_sections) {
      reached = reached || start_->section == static_cast<std::int64_t>(kind);
      if (!reached) continue;
      if ((kind == StateKind::ready || kind == StateKind::timed) && !has_unlisted()) break;
      read_section(kind);
      if (done_) break;
    }
    return std::move(page_);
  }

 private:
  [[nodiscard]] std::string row_by_number() const {
    if (!query_.batch) return "all";
    PackedWriter row;
    row.id(*query_.batch);
    return "b:" + row.bytes();
  }

  void read_section(StateKind kind) {
    const auto section = static_cast<std::int64_t>(kind);
    switch (kind) {
      case StateKind::ready: return read_queues();
      case StateKind::timed: return read_timed();
      case StateKind::waiting: return read_row(section, "w:" + query_.state, true);
      case StateKind::running:
        if (query_.state == state_names::processing) read_held();
        return;
      case StateKind::parked: return read_row(section, "p:" + query_.state, false);
      case StateKind::final: return read_row(section, "f:" + query_.state, false);
    }
  }

  // Whether jobs in the state asked for may be ready or timed.
  bool has_unlisted() {
    Call call = call_for("unlisted");
    call.add(query_.state);
    return gateway_.run(call.script_call()).as_integer() != 0;
  }

  [[nodiscard]] bool resumes(std::int64_t section) const {
    return start_ && start_->section == section;
  }
  [[nodiscard]] Place start_of(std::int64_t section) const {
    return resumes(section) ? *start_ : Place{.section = section};
  }

  Call call_for(std::string_view what) const {
    Call call{settings_, scripts::list};
    call.reads().add(what);
    return call;
  }

  // Visits a portion after another, each behind `place`.
  template <class Ask>
  void read_portions(Place& place, Ask ask) {
    std::size_t size = std::clamp(query_.limit + 1, first_portion, largest_portion);
    while (true) {
      const Portion portion{gateway_.run(ask(size).script_call())};
      for (const Row& row : portion.rows) {
        place.at = row.at;
        if (place.section == static_cast<std::int64_t>(StateKind::timed)) {
          place.index = static_cast<std::int64_t>(row.record.number);
          place.id = id_in<JobId>(row.values[0].as_text());
        }
        if (!visit(row, place)) return;
      }
      if (!portion.more || portion.rows.empty()) return;
      size = std::min(2 * size, largest_portion);
    }
  }

  void read_row(std::int64_t section, const std::string& row, bool upwards) {
    Place place = start_of(section);
    if (!upwards && !resumes(section)) place.at = beyond_all;
    read_portions(place, [&](std::size_t size) {
      Call call = call_for("row");
      call.copy(row).number(place.at).add(upwards ? "up" : "down").number(std::uint64_t{size});
      return call;
    });
  }

  void read_timed() {
    Place place = start_of(static_cast<std::int64_t>(StateKind::timed));
    const bool resumed = resumes(place.section);
    bool begun = resumed;
    read_portions(place, [&](std::size_t size) {
      PackedWriter member;
      if (begun) member.signed_number(place.index, 7).id(place.id);
      Call call = call_for("timed");
      call.copy(begun ? std::to_string(place.at) : "-inf").copy(member.bytes());
      call.number(std::uint64_t{size});
      begun = true;
      return call;
    });
  }

  // All lanes of a queue are one order.
  void read_queues() {
    constexpr auto section = static_cast<std::int64_t>(StateKind::ready);
    for (const std::string& queue : queues()) {
      if (!query_.queue.empty() && query_.queue != queue) continue;
      Place place{.section = section, .queue = queue};
      if (resumes(section)) {
        if (queue < start_->queue) continue;
        if (queue == start_->queue) place.at = start_->at;
      }
      read_portions(place, [&](std::size_t size) {
        Call call = call_for("lanes");
        call.add(queue).number(place.at).number(std::uint64_t{size});
        return call;
      });
      if (done_) return;
    }
  }

  // Those that have jobs in the state asked for, by name.
  std::set<std::string> queues() {
    std::set<std::string> names;
    Call call{settings_, scripts::overview};
    call.reads().add("numbers");
    const Reply answer = gateway_.run(call.script_call());
    const std::vector<Reply>& live = answer.as_array().at(0).as_array();
    for (std::size_t at = 0; at + 1 < live.size(); at += 2) {
      const std::string& field = live[at].as_text();
      const std::size_t zero = field.find('\0');
      if (field.substr(zero + 1) == query_.state) names.insert(field.substr(0, zero));
    }
    return names;
  }

  void read_held() {
    Place place = start_of(static_cast<std::int64_t>(StateKind::running));
    Portion portion{gateway_.run(call_for("held").script_call())};
    const auto order = [](const auto& one) { return std::tuple{one.at, one.index}; };
    std::ranges::sort(portion.rows, {}, order);
    for (const Row& row : portion.rows) {
      if (order(row) <= order(place)) continue;
      place.at = row.at;
      place.index = row.index;
      if (!visit(row, place)) return;
    }
  }

  // Returns false when the section is to be left: the page is done, or no later job can match.
  bool visit(const Row& row, const Place& place) {
    const bool has_kind = place.section != everything;
    const auto kind = static_cast<StateKind>(place.section);
    if (has_kind && filter_.is_beyond(kind, row.record.since)) return false;
    if (page_.examined == work_limit_ || page_.jobs.size() >= query_.limit) {
      page_.next = last_ ? to_text(*last_) : query_.cursor;
      done_ = true;
      return false;
    }
    ++page_.examined;
    last_ = place;
    if (!matches(row.record)) return true;
    JobSummary summary = summary_of(row.values[0].as_text(), row.record, row.values[2].as_text(),
                                    row.values[3].as_text());
    if (filter_.matches(summary)) page_.jobs.push_back(std::move(summary));
    return true;
  }

  [[nodiscard]] bool matches(const JobRecord& job) const {
    return (query_.state.empty() || query_.state == job.state_name()) &&
           (query_.queue.empty() || query_.queue == job.queue) &&
           (query_.name.empty() || query_.name == job.name) &&
           (query_.tag.empty() || has_tag(read_parameters(job.parameters), query_.tag)) &&
           (!query_.created_from || job.created_at >= *query_.created_from) &&
           (!query_.created_before || job.created_at < *query_.created_before);
  }

  const Settings& settings_;
  Gateway& gateway_;
  const JobQuery& query_;
  const JobFilter filter_;
  const std::size_t work_limit_;
  std::optional<Place> start_;
  JobPage page_;
  bool done_ = false;
  std::optional<Place> last_;
};

}  // namespace

JobPage read_page(const Settings& settings, Gateway& gateway, const JobQuery& query) {
  return Search{settings, gateway, query}.run();
}

}  // namespace portfire::redis
