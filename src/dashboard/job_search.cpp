#include "dashboard/job_search.hpp"

#include <algorithm>

#include "dashboard/failures.hpp"
#include "dashboard/refusal.hpp"
#include "model/rules.hpp"

namespace portfire::dashboard {

const std::vector<std::string_view>& filter_names() {
  static const std::vector<std::string_view> names = {"state",
                                                      "queue",
                                                      "name",
                                                      "tag",
                                                      "text",
                                                      "error",
                                                      "server",
                                                      "batch",
                                                      "created_from",
                                                      "created_before",
                                                      "since_from",
                                                      "since_before",
                                                      "failure",
                                                      "duration_at_least_us",
                                                      "duration_at_most_us",
                                                      "attempts_at_least"};
  return names;
}

JobSearch read_search(const Query& query, const Redactor& redactor) {
  const bool searches_text = !query.text("text").empty() || !query.text("error").empty();
  if (searches_text && redactor.hides_anything()) {
    throw Refusal{403, "Arguments and errors cannot be searched here: parts of them are hidden"};
  }
  JobSearch filter{.query = {.state = query.text("state"),
                             .queue = query.text("queue"),
                             .name = query.text("name"),
                             .tag = query.text("tag"),
                             .batch = query.id<JobId>("batch"),
                             .created_from = query.instant("created_from"),
                             .created_before = query.instant("created_before"),
                             .text = query.text("text"),
                             .reason = query.text("error"),
                             .server = query.id<ServerId>("server"),
                             .since_from = query.instant("since_from"),
                             .since_before = query.instant("since_before"),
                             .duration_at_least = query.microseconds("duration_at_least_us"),
                             .duration_at_most = query.microseconds("duration_at_most_us"),
                             .attempts_at_least = static_cast<std::uint32_t>(
                                 query.number("attempts_at_least", 0, 0, rules::most_attempts))},
                   .failure = query.text("failure")};
  for (const std::string_view name : filter_names()) {
    if (query.text(name).empty()) continue;
    filter.text += (filter.text.empty() ? "" : " ") + std::string{name} + '=' + query.text(name);
  }
  if (filter.text.empty()) filter.text = "all jobs";
  if (!filter.failure.empty() && filter.query.state.empty()) {
    filter.query.state = state_names::failed;
  }
  return filter;
}

JobPage list_jobs(Monitoring& monitoring, const Redactor& redactor, const JobSearch& filter,
                  const std::string& cursor, std::size_t limit, std::size_t work_limit) {
  JobQuery query = filter.query;
  query.cursor = cursor;
  query.limit = limit;
  query.work_limit = work_limit;
  if (filter.failure.empty()) return monitoring.list(query);
  // Few may pass; a cursor stands behind all that were looked at, so those that do are all shown.
  constexpr std::size_t portion = 200;
  query.limit = portion;
  JobPage found;
  for (;;) {
    JobPage page = monitoring.list(query);
    found.examined += page.examined;
    found.next = page.next;
    std::ranges::copy_if(page.jobs, std::back_inserter(found.jobs), [&](const JobSummary& job) {
      return failure_key(job.name, redactor.shown(job.reason)) == filter.failure;
    });
    if (page.next.empty() || found.jobs.size() >= limit || found.examined >= work_limit) {
      return found;
    }
    query.cursor = page.next;
    query.work_limit = work_limit - found.examined;
  }
}

}  // namespace portfire::dashboard
