#include "storage/sqlite/holding.hpp"

#include <algorithm>
#include <utility>

#include "storage/sqlite/batches.hpp"
#include "storage/sqlite/packed.hpp"
#include "storage/sqlite/session.hpp"

namespace portfire::sqlite {

namespace {

struct Taken {
  std::int64_t key;
  std::uint64_t epoch;
};

std::vector<Taken> unpack_taken(std::string_view bytes) {
  std::vector<Taken> all;
  PackedReader reader{bytes};
  std::int64_t key = 0;
  std::int64_t epoch = 0;
  while (reader.next(key, 0) && reader.next(epoch, 1)) {
    all.push_back({key, static_cast<std::uint64_t>(epoch)});
  }
  return all;
}

bool is_held(const std::optional<JobRow>& row, std::int64_t server, std::uint64_t epoch) {
  return row && row->kind == StateKind::running && row->server == server && row->epoch == epoch;
}

}  // namespace

void begin_run(Session& session, JobRow& row, std::int64_t server, std::int64_t token) {
  row.kind = StateKind::running;
  row.state = numbers::processing;
  row.server = server;
  row.since = session.now;
  row.until.reset();
  ++row.epoch;
  if (row.has(marks::ran)) row.set(marks::fresh_run);
  set_words(session.database, row, {}, {});
  session.tallies.arrived(row.lane, row.state);
  session.tallies.add(Tally::held, server, 0, 1);
  session.held.claimed({.key = row.key,
                        .id = row.id,
                        .epoch = row.epoch,
                        .server = server,
                        .token = token,
                        .lane = row.lane,
                        .state = row.state,
                        .marks = row.marks});
}

void add_claim_row(Session& session, std::int64_t server, std::int64_t token,
                   const std::vector<Execution>& executions) {
  PackedWriter jobs;
  for (const Execution& execution : executions) {
    jobs.add(execution.ref.locator, 0);
    jobs.add(static_cast<std::int64_t>(execution.ref.epoch), 1);
  }
  session.database.run(Query::add_claim, server, token, session.now, Blob{jobs.bytes()});
}

std::vector<Execution> held_since_claim(Session& session, const ServerEntry& server,
                                        std::int64_t token) {
  std::vector<Taken> taken;
  {
    Rows rows = session.database.rows(Query::claim_jobs, server.number, token);
    if (rows.next()) taken = unpack_taken(rows.blob(0));
  }
  std::vector<Execution> executions;
  for (const Taken& job : taken) {
    const std::optional<JobRow> row = job_by_key(session.database, job.key);
    if (is_held(row, server.number, job.epoch)) executions.push_back(execution_of(session, *row));
  }
  return executions;
}

void for_each_held(Database& database, std::int64_t server,
                   const std::function<void(JobRow&)>& visit) {
  struct Claimed {
    std::int64_t at;
    std::size_t order;
    Taken job;
  };
  std::vector<Claimed> all;
  {
    Rows rows = database.rows(Query::claims_of_server, server);
    while (rows.next()) {
      for (const Taken& job : unpack_taken(rows.blob(1))) {
        all.push_back({rows.number(0), all.size(), job});
      }
    }
  }
  // Among claims of one instant, in the order of the rows.
  std::ranges::sort(all, {},
                    [](const Claimed& claimed) { return std::pair{claimed.at, claimed.order}; });
  for (const Claimed& claimed : all) {
    std::optional<JobRow> row = job_by_key(database, claimed.job.key);
    if (is_held(row, server, claimed.job.epoch)) visit(*row);
  }
}

void hold_ready(Session& session, JobRow& row, std::int64_t server, std::int64_t token) {
  const Words words = words_of(session.database, row);
  if (row.state != numbers::enqueued || !words.reason.empty() || !words.data.empty()) {
    tell_present(session, row);
    row.set(marks::ready_told);
  }
  session.tallies.left(row.lane, row.state);
  begin_run(session, row, server, token);
}

Execution execution_of(Session& session, const JobRow& row) {
  return {.ref = {.job = row.id, .epoch = row.epoch, .locator = row.key},
          .name = session.catalogue.text(row.name),
          .arguments = arguments_of(session.database, row),
          .queue = session.catalogue.queue_of(row.lane),
          .priority = row.priority(),
          .attempt = row.attempt,
          .parameters = parameters_of(session.database, row),
          .batch = batch_of(session.database, row),
          .created_at = TimePoint{Duration{row.created_at}},
          .ready_at = TimePoint{Duration{row.became_ready_at()}},
          .claimed_at = TimePoint{Duration{row.since}},
          .suspect = row.has(marks::suspect),
          .crashes = crashes_of(session.database, row)};
}

}  // namespace portfire::sqlite
