#pragma once

// Jobs as JSON.

#include <functional>
#include <string>
#include <vector>

#include <portfire/storage/monitoring.hpp>

#include "views/values.hpp"

namespace portfire::views {

// How the texts of users are shown.
struct Texts {
  // JSON as it is stored: arguments, results, parameters, data of states. May be empty.
  std::function<Json(const std::string& stored)> stored;
  // Words: reasons, tags, keys, log lines.
  std::function<std::string(const std::string& words)> words;
};

Json summary_json(const JobSummary& job, const Texts& texts);

// Everything but the log.
Json details_json(const JobDetails& job, const Texts& texts);

Json log_json(const std::vector<LogEntry>& log, const Texts& texts);

}  // namespace portfire::views
