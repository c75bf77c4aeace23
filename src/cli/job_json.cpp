#include "cli/job_json.hpp"

#include "views/job_json.hpp"

namespace portfire::cli {

namespace {

// For programs, which read what was stored.
const views::Texts& as_stored() {
  static const views::Texts texts{.stored = stored_json,
                                  .words = [](const std::string& words) { return words; }};
  return texts;
}

}  // namespace

Json stored_json(const std::string& text) {
  if (text.empty()) return nullptr;
  Json value = Json::parse(text, nullptr, false);
  return value.is_discarded() ? Json(text) : value;
}

Json summary_json(const JobSummary& job) { return views::summary_json(job, as_stored()); }

Json details_json(const JobDetails& job, const std::vector<LogEntry>& log) {
  Json object = views::details_json(job, as_stored());
  object["log"] = views::log_json(log, as_stored());
  return object;
}

}  // namespace portfire::cli
