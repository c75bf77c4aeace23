#include "storage/sqlite/recurring.hpp"

#include <set>

#include "storage/common/due_list.hpp"

namespace portfire::sqlite {

namespace {

RecurringRecord read_record(const Rows& rows) {
  RecurringRecord record{.id = std::string{rows.text(0)},
                         .version = rows.number<std::uint64_t>(1),
                         .job_name = std::string{rows.text(2)},
                         .definition = std::string{rows.text(4)},
                         .progress = std::string{rows.text(5)},
                         .created_at = rows.time(6)};
  if (!rows.is_null(3)) record.due_at = rows.time(3);
  return record;
}

}  // namespace

bool change_recurring(Session& session, const RecurringChange& change) {
  Database& database = session.database;
  if (!change.record) {
    if (change.expected_version == 0) {
      return !database.rows(Query::recurring_exists, change.id).next();
    }
    database.run(Query::remove_recurring, change.id, change.expected_version);
  } else {
    const RecurringRecord& record = *change.record;
    if (change.expected_version == 0) {
      database.run(Query::add_recurring, change.id, record.job_name, record.due_at,
                   record.definition, record.progress, session.now);
    } else {
      database.run(Query::change_recurring, change.id, change.expected_version, record.job_name,
                   record.due_at, record.definition, record.progress);
    }
  }
  if (database.changes() == 0) return false;
  session.news.recurring = true;
  return true;
}

RecurringDue due_recurring(Database& database, const RecurringRequest& request, TimePoint now) {
  DueList dues{request.max, now};
  for (const std::string& name : std::set(request.job_names.begin(), request.job_names.end())) {
    Rows rows = database.rows(Query::recurring_dues, name, dues.wanted());
    while (rows.next()) dues.add(rows.time(0), std::string{rows.text(1)});
  }
  RecurringDue result{.now = now, .next_due_in = dues.next_due_in()};
  for (const std::string& id : dues.due()) {
    if (auto record = find_recurring(database, id)) result.records.push_back(*std::move(record));
  }
  return result;
}

std::optional<RecurringRecord> find_recurring(Database& database, const std::string& id) {
  Rows rows = database.rows(Query::recurring_by_id, id);
  if (!rows.next()) return std::nullopt;
  return read_record(rows);
}

std::vector<RecurringRecord> list_recurring(Database& database, const RecurringQuery& query) {
  std::vector<RecurringRecord> page;
  Rows rows = database.rows(Query::recurring_page, query.after, query.limit);
  while (rows.next()) page.push_back(read_record(rows));
  return page;
}

}  // namespace portfire::sqlite
