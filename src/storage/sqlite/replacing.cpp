// A later call takes the place of the job that holds its key.

#include "storage/sqlite/candidates.hpp"
#include "storage/sqlite/commit.hpp"
#include "storage/sqlite/job_row.hpp"
#include "storage/sqlite/session.hpp"

namespace portfire::sqlite {

namespace {

bool is_replaceable(Session& session, const JobRow& row, const NewJob& job) {
  if (row.has(marks::batch) || session.catalogue.text(row.name) != job.name) return false;
  return row.kind == StateKind::ready || row.kind == StateKind::timed ||
         row.kind == StateKind::waiting;
}

void replace_belongings(Session& session, JobRow& row, const NewJob& job) {
  Database& database = session.database;
  if (row.has(marks::payload)) database.run(Query::remove_payload, row.key);
  row.clear(marks::payload);
  const bool apart = job.arguments.size() > largest_inline_arguments;
  database.run(Query::set_arguments, row.key,
               apart ? std::optional<std::string_view>{} : std::string_view{job.arguments});
  if (apart) {
    database.run(Query::add_payload, row.key, job.arguments);
    row.set(marks::payload);
  }
  if (row.has(marks::parameters)) database.run(Query::remove_parameters, row.key);
  row.clear(marks::parameters);
  for (const auto& [name, value] : job.parameters) {
    database.run(Query::set_parameter, row.key, name, value);
    row.set(marks::parameters);
  }
}

}  // namespace

bool replace_job(Session& session, JobId holder, const NewJob& job) {
  std::optional<JobRow> row = job_by_id(session.database, holder);
  if (!row || !is_replaceable(session, *row, job)) return false;
  Catalogue& catalogue = session.catalogue;
  leave(session, *row);
  replace_belongings(session, *row, job);
  row->lane = catalogue.lane(catalogue.name(job.queue), 0, row->has(marks::suspect));
  row->place = place_of(job.priority, row->key);
  row->attempt = 0;
  State state = job.state;
  if (state.reason.empty()) state.reason = reasons::replaced;
  enter(session, *row, state, job.elected_away);
  write_job_row(session.database, *row);
  settle(session);
  return true;
}

}  // namespace portfire::sqlite
