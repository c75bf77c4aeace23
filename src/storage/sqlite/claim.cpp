#include "storage/sqlite/claim.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "storage/sqlite/holding.hpp"
#include "storage/sqlite/session.hpp"

namespace portfire::sqlite {

namespace {

// A walk along the keys pays as long as not many rows in between belong to others.
constexpr std::int64_t widest_walk_per_job = 4;

// One claim in progress.
class Claim {
 public:
  Claim(Session& session, const ClaimRequest& request, const ServerEntry& server)
      : session_{session}, database_{session.database}, request_{request}, server_{server} {}

  std::vector<Execution> run() {
    for (const std::string& queue : request_.queues) {
      if (executions_.size() >= request_.max) break;
      take_from(queue);
    }
    record();
    return std::move(executions_);
  }

 private:
  struct Candidate {
    std::size_t index;  // in executions_
    std::int64_t key;
    std::int64_t place;
    std::int64_t marks;
    std::int64_t state;
    std::int64_t batch;

    [[nodiscard]] bool plain() const {
      return state == numbers::enqueued && (marks & ~marks::harmless) == 0;
    }
  };

  [[nodiscard]] std::size_t room() const { return request_.max - executions_.size(); }

  void take_from(const std::string& queue) {
    const std::int64_t name = session_.catalogue.find_name(queue);
    if (name == 0 || session_.paused_queues().contains(queue)) return;
    std::vector<std::int64_t> lanes;
    std::vector<std::int64_t> suspect_lanes;
    for (const LaneEntry& lane : session_.catalogue.lanes_of(name)) {
      if (lane.handler != 0 && !server_.job_names.contains(session_.catalogue.text(lane.handler))) {
        continue;
      }
      (lane.suspect ? suspect_lanes : lanes).push_back(lane.number);
    }
    if (!suspect_lanes.empty() && !holds_suspect()) take(queue, suspect_lanes, 1);
    if (room() > 0) take(queue, lanes, room());
  }

  // A server runs one suspect at a time; whether it holds one is only asked when one is waiting.
  bool holds_suspect() {
    bool found = std::ranges::any_of(executions_, &Execution::suspect);
    if (found) return true;
    for_each_held(database_, server_.number,
                  [&](JobRow& row) { found = found || row.has(marks::suspect); });
    return found;
  }

  // Takes the first `max` jobs of these lanes, read as one.
  void take(const std::string& queue, const std::vector<std::int64_t>& lanes, std::size_t max) {
    const std::size_t before = executions_.size();
    candidates_.clear();
    for (const std::int64_t lane : lanes) read_lane(queue, lane, max);
    if (candidates_.empty()) return;
    if (lanes.size() > 1) merge(before, max);
    if (lanes.size() == 1 && std::ranges::all_of(candidates_, &Candidate::plain)) {
      take_plain(lanes.front());
    } else {
      for (const Candidate& candidate : candidates_) take_one(candidate);
    }
  }

  void read_lane(const std::string& queue, std::int64_t lane, std::size_t max) {
    Rows rows = database_.rows(Query::ready_jobs, lane, max);
    const TimePoint claimed_at{Duration{session_.now}};
    while (rows.next()) {
      const std::int64_t key = rows.number(0);
      const std::int64_t place = rows.number(1);
      candidates_.push_back({executions_.size(), key, place, rows.number(2), rows.number(3),
                             rows.is_null(11) ? 0 : rows.number(11)});
      executions_.push_back({.ref = {.job = rows.id<JobId>(4),
                                     .epoch = rows.number<std::uint64_t>(5) + 1,
                                     .locator = key},
                             .name = session_.catalogue.text(rows.number(6)),
                             .arguments = std::string{rows.text(7)},
                             .queue = queue,
                             .priority = priority_of(place),
                             .attempt = rows.number<std::uint32_t>(8),
                             .created_at = rows.time(9),
                             .ready_at = rows.time(10),
                             .claimed_at = claimed_at});
    }
  }

  // Brings what was read from several lanes into one order.
  void merge(std::size_t before, std::size_t max) {
    std::ranges::sort(candidates_, {}, &Candidate::place);
    candidates_.resize(std::min(candidates_.size(), max));
    std::vector<Execution> ordered;
    ordered.reserve(candidates_.size());
    for (Candidate& candidate : candidates_) {
      ordered.push_back(std::move(executions_[candidate.index]));
      candidate.index = before + ordered.size() - 1;
    }
    executions_.resize(before);
    std::ranges::move(ordered, std::back_inserter(executions_));
  }

  // The ordinary case: all that is ready in the lane up to a place, by one statement that walks the
  // index once. Nothing can have come between, because whoever writes is alone.
  void take_plain(std::int64_t lane) {
    const auto [first, last] = std::ranges::minmax(candidates_, {}, &Candidate::key);
    const auto count = static_cast<std::int64_t>(candidates_.size());
    const std::int64_t last_place = candidates_.back().place;
    if (last.key - first.key <= widest_walk_per_job * count) {
      database_.run(Query::claim_lane_by_key, lane, last_place, session_.now, server_.number,
                    first.key, last.key);
    } else {
      database_.run(Query::claim_lane, lane, last_place, session_.now, server_.number);
    }
    for (const Candidate& candidate : candidates_) {
      Execution& execution = executions_[candidate.index];
      if (candidate.marks != 0) add_belongings(execution, candidate.key, candidate.marks);
      session_.held.claimed({.key = candidate.key,
                             .id = execution.ref.job,
                             .epoch = execution.ref.epoch,
                             .server = server_.number,
                             .token = token(),
                             .lane = lane,
                             .state = numbers::processing,
                             .marks = candidate.marks,
                             .batch = candidate.batch});
      if (candidate.batch != 0) execution.batch = session_.batch_id(candidate.batch);
    }
    session_.tallies.left(lane, numbers::enqueued, count);
    session_.tallies.arrived(lane, numbers::processing, count);
    session_.tallies.add(Tally::held, server_.number, 0, count);
  }

  void take_one(const Candidate& candidate) {
    std::optional<JobRow> row = job_by_key(database_, candidate.key);
    Execution& execution = executions_[candidate.index];
    hold_ready(session_, *row, server_.number, token());
    write_job_row(database_, *row);
    add_belongings(execution, row->key, row->marks);
    if (candidate.batch != 0) execution.batch = session_.batch_id(candidate.batch);
    execution.suspect = row->has(marks::suspect);
    execution.crashes = crashes_of(database_, *row);
  }

  void add_belongings(Execution& execution, std::int64_t key, std::int64_t bits) {
    JobRow row{.key = key, .marks = bits};
    if (row.has(marks::payload)) execution.arguments = arguments_of(database_, row);
    execution.parameters = parameters_of(database_, row);
  }

  [[nodiscard]] std::int64_t token() const { return static_cast<std::int64_t>(request_.token); }

  void record() {
    if (executions_.empty()) return;
    add_claim_row(session_, server_.number, token(), executions_);
    database_.run(Query::set_last_token, server_.number, token());
  }

  Session& session_;
  Database& database_;
  const ClaimRequest& request_;
  const ServerEntry& server_;
  std::vector<Execution> executions_;
  std::vector<Candidate> candidates_;
};

}  // namespace

ClaimResult claim(Session& session, const ClaimRequest& request) {
  ServerEntry* const server = session.server(request.server);
  if (server == nullptr || !server->present) return {};
  const auto token = static_cast<std::int64_t>(request.token);
  // A claim that took nothing is not worth a write: its token is remembered by this process alone.
  const auto empty = session.empty_claims.find(request.server);
  const std::int64_t last =
      std::max(server->last_token,
               empty != session.empty_claims.end() ? static_cast<std::int64_t>(empty->second) : 0);
  if (token < last) return {};
  if (token == last) return {held_since_claim(session, *server, token)};
  std::vector<Execution> taken = Claim{session, request, *server}.run();
  if (taken.empty()) {
    session.empty_claims[request.server] = request.token;
  } else {
    server->last_token = token;
  }
  return {std::move(taken)};
}

}  // namespace portfire::sqlite
