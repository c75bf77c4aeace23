// Giving jobs back, and taking them from servers that are gone.

#include <algorithm>

#include "storage/sqlite/candidates.hpp"
#include "storage/sqlite/claim.hpp"
#include "storage/sqlite/holding.hpp"
#include "storage/sqlite/session.hpp"

namespace portfire::sqlite {

namespace {

// The claim never was: state, instants and place are those from before.
void undo_claim(Session& session, JobRow& row, bool no_handler) {
  Catalogue& catalogue = session.catalogue;
  session.tallies.left(row.lane, row.state);
  session.tallies.add(Tally::held, row.server, 0, -1);
  session.held.ended(row.key);
  ++row.epoch;
  row.kind = StateKind::ready;
  row.state = numbers::enqueued;
  row.since = row.became_ready_at();
  if (row.has(marks::ran) && !row.has(marks::fresh_run)) {
    // News that came of this run.
    row.start_delay.reset();
    session.database.run(Query::set_progress, row.key, nullptr);
  }
  row.clear(marks::fresh_run);
  if (row.has(marks::ready_told)) {
    Rows rows = session.database.rows(Query::last_history, row.key);
    if (rows.next()) {
      row.state = rows.number(1);
      set_words(session.database, row, rows.text(2), rows.text(3));
      session.database.run(Query::remove_history_entry, row.key, rows.number(0));
    }
    row.clear(marks::ready_told);
  }
  if (no_handler) {
    const LaneEntry lane = catalogue.lane(row.lane);
    row.lane = catalogue.lane(lane.queue, row.name, lane.suspect);
  }
  session.tallies.arrived(row.lane, row.state);
  session.news.queues.insert(catalogue.lane(row.lane).queue);
}

bool give_back(Session& session, const Released& released) {
  const ExecutionRef& execution = released.execution;
  std::optional<JobRow> row = find_job(session.database, execution.job, execution.locator);
  if (!row) return false;
  if (row->kind != StateKind::running || row->epoch != execution.epoch) {
    session.database.run(Query::clear_stopping, row->key, execution.epoch);
    return false;
  }
  // What was never claimed from a queue, as poison is, has no old place to return to.
  const bool has_place = !row->has(marks::told);
  if (released.reason == ReleaseReason::shutdown || !has_place) {
    take_away(session, *row, states::enqueued(std::string{reasons::shutdown}));
  } else {
    undo_claim(session, *row, released.reason == ReleaseReason::no_handler);
  }
  write_job_row(session.database, *row);
  return true;
}

std::vector<JobRow> held_by(Session& session, std::int64_t server) {
  std::vector<JobRow> rows;
  for_each_held(session.database, server, [&](JobRow& row) { rows.push_back(row); });
  return rows;
}

// Its claims and notes go; its row stays for the history.
void strike_off(Session& session, ServerId id, std::int64_t server) {
  session.database.run(Query::remove_claims_of, server);
  session.database.run(Query::clear_stopping_on, server);
  session.database.run(Query::strike_off_server, server);
  session.forget_server(id);
  session.empty_claims.erase(id);
}

// One reclaim in progress.
class Reclaim {
 public:
  Reclaim(Session& session, const ReclaimRequest& request) : session_{session}, request_{request} {
    const ServerEntry* by = session.server(request.by);
    if (by != nullptr && by->present) by_ = by->number;
  }

  ReclaimResult run() {
    for (const ServerId id : request_.servers) {
      const ServerEntry* server = session_.server(id);
      if (server == nullptr || !server->present) continue;
      const std::int64_t number = server->number;
      session_.news.servers.push_back(id);
      for (JobRow& row : held_by(session_, number)) take_back(row, number);
      strike_off(session_, id, number);
    }
    if (!result_.poisoned.empty()) {
      // A token below all real ones, and never given twice.
      add_claim_row(session_, by_, poison_token(), result_.poisoned);
    }
    return std::move(result_);
  }

 private:
  void take_back(JobRow& row, std::int64_t server) {
    std::uint32_t crashes = crashes_of(session_.database, row);
    if (row.has(marks::suspect)) set_crashes(session_.database, row, ++crashes);
    row.set(marks::suspect);
    const bool poison =
        by_ != 0 && by_ != server && request_.crash_limit > 0 && crashes >= request_.crash_limit;
    if (poison) {
      leave(session_, row);
      begin_run(session_, row, by_, poison_token());
      write_job_row(session_.database, row);
      result_.poisoned.push_back(execution_of(session_, row));
      return;
    }
    take_away(session_, row, states::enqueued(std::string{reasons::reclaimed}));
    write_job_row(session_.database, row);
    ++result_.requeued;
  }

  std::int64_t poison_token() {
    if (poison_token_ == 0) poison_token_ = -session_.next_position();
    return poison_token_;
  }

  Session& session_;
  const ReclaimRequest& request_;
  std::int64_t by_ = 0;
  std::int64_t poison_token_ = 0;
  ReclaimResult result_;
};

}  // namespace

std::size_t release(Session& session, std::span<const Released> executions) {
  return static_cast<std::size_t>(std::ranges::count_if(
      executions, [&](const Released& released) { return give_back(session, released); }));
}

void remove_server(Session& session, ServerId id) {
  const ServerEntry* server = session.server(id);
  if (server == nullptr || !server->present) return;
  const std::int64_t number = server->number;
  for (JobRow& row : held_by(session, number)) {
    take_away(session, row, states::enqueued(std::string{reasons::shutdown}));
    write_job_row(session.database, row);
  }
  strike_off(session, id, number);
}

ReclaimResult reclaim(Session& session, const ReclaimRequest& request) {
  return Reclaim{session, request}.run();
}

}  // namespace portfire::sqlite
