#pragma once

// Which jobs somebody asks for, by the words of the API.

#include <string>
#include <string_view>
#include <vector>

#include <portfire/storage/monitoring.hpp>

#include "dashboard/redactor.hpp"
#include "dashboard/target.hpp"

namespace portfire::dashboard {

struct JobSearch {
  JobQuery query;
  // The group of failures that they belong to; empty for any. See failures.hpp.
  std::string failure;
  // As it was asked for, for people: `state=Failed name=mail.send`.
  std::string text;
};

// The names of all filters.
const std::vector<std::string_view>& filter_names();

// Throws `Refusal` 400 for a filter that cannot be read, and 403 for a search of arguments or
// reasons where parts of them are hidden.
JobSearch read_search(const Query& query, const Redactor& redactor);

// A page of the jobs that pass the filter, as `Monitoring::list` gives it. `work_limit` bounds the
// whole; the limit, cursor and work limit of the query are overridden. Of a group of failures up to
// 200 more than `limit` may come.
JobPage list_jobs(Monitoring& monitoring, const Redactor& redactor, const JobSearch& filter,
                  const std::string& cursor, std::size_t limit, std::size_t work_limit);

}  // namespace portfire::dashboard
