#include "storage/postgresql/recurring.hpp"

#include <algorithm>

namespace portfire::postgresql {

namespace {

// Its columns stand together, from `first` on.
RecurringRecord read_record(const Result& rows, int first) {
  return {.id = rows.string(first),
          .version = rows.number<std::uint64_t>(first + 1),
          .job_name = rows.string(first + 2),
          .due_at = rows.maybe_time(first + 3),
          .definition = rows.string(first + 4),
          .progress = rows.string(first + 5),
          .created_at = rows.time(first + 6)};
}

}  // namespace

RecurringDue due_recurring(Connection& connection, const RecurringRequest& request) {
  RecurringDue due;
  Result rows = connection.run(Query::due_recurring, Interval{connection.settings().shift()},
                               request.job_names, request.max + 1);
  while (rows.next()) {
    due.now = rows.time(0);
    if (rows.is_null(1)) break;
    RecurringRecord record = read_record(rows, 1);
    if (*record.due_at > due.now || due.records.size() == request.max) {
      due.next_due_in = std::max(*record.due_at - due.now, Duration::zero());
      break;
    }
    due.records.push_back(std::move(record));
  }
  return due;
}

std::optional<RecurringRecord> find_recurring(Connection& connection, const std::string& id) {
  Result rows = connection.run(Query::recurring_by_id, id);
  if (!rows.next()) return std::nullopt;
  return read_record(rows, 0);
}

std::vector<RecurringRecord> list_recurring(Connection& connection, const RecurringQuery& query) {
  std::vector<RecurringRecord> page;
  Result rows = connection.run(Query::recurring_page, query.after, query.limit);
  while (rows.next()) page.push_back(read_record(rows, 0));
  return page;
}

}  // namespace portfire::postgresql
