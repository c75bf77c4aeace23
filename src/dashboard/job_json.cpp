#include "dashboard/job_json.hpp"

#include <portfire/display.hpp>

#include "client/text.hpp"
#include "model/rules.hpp"

namespace portfire::dashboard {

namespace {

Json text_or_null(const std::string& text, const Redactor& redactor) {
  if (text.empty()) return nullptr;
  return shorten(redactor.shown(text), most_text_bytes);
}

Json history_json(const std::vector<HistoryEntry>& history, const Redactor& redactor) {
  Json array = Json::array();
  for (const HistoryEntry& entry : history) {
    array.push_back({{"state", entry.state},
                     {"kind", to_string(entry.kind)},
                     {"at", to_string(entry.at)},
                     {"reason", redactor.shown(entry.reason)},
                     {"data", text_or_null(entry.data, redactor)},
                     {"elected_away", entry.elected_away},
                     {"server", id_json(entry.server)}});
  }
  return array;
}

const char* level_name(ReportLevel level) {
  switch (level) {
    case ReportLevel::debug: return "debug";
    case ReportLevel::info: return "info";
    case ReportLevel::warning: return "warning";
    case ReportLevel::error: return "error";
  }
  return "info";
}

Json members_json(const std::optional<MemberCounts>& members) {
  if (!members) return nullptr;
  return {{"total", members->total},
          {"outstanding", members->outstanding},
          {"succeeded", members->succeeded}};
}

// Made of the arguments as they are shown: cut and out of their context, a pattern would not know
// them any more.
std::string shown_name(const JobSummary& job, const std::string& arguments,
                       const Redactor& redactor) {
  if (!redactor.hides_anything()) return display_name(job);
  JobSummary shown;
  shown.name = job.name;
  shown.arguments = arguments;
  shown.parameters = job.parameters;
  return redactor.shown(display_name(shown));
}

// The id of the definition is stored as JSON text.
Json recurring_of(const JobDetails& job) {
  const auto found = job.parameters.find(rules::recurring_parameter);
  if (found == job.parameters.end()) return nullptr;
  Json value = Json::parse(found->second, nullptr, false);
  return value.is_string() ? value : Json(nullptr);
}

}  // namespace

Json instant_json(const std::optional<TimePoint>& instant) {
  return instant ? Json(to_string(*instant)) : Json(nullptr);
}

std::string call_text(const std::string& name, const std::string& arguments) {
  const std::size_t begin = arguments.find('[');
  const std::size_t end = arguments.rfind(']');
  if (begin == std::string::npos || end == std::string::npos || end < begin) {
    return name + "(" + arguments + ")";
  }
  std::string text = name + "(";
  int depth = 0;
  bool in_string = false;
  for (std::size_t at = begin + 1; at < end; ++at) {
    const char c = arguments[at];
    text += c;
    if (in_string) {
      if (c == '\\' && at + 1 < end) text += arguments[++at];
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (c == ',' && depth == 0 && at + 1 < end && arguments[at + 1] != ' ') text += ' ';
  }
  return text + ")";
}

Json summary_json(const JobSummary& job, const Redactor& redactor, std::size_t argument_bytes) {
  const std::string arguments = redactor.shown(job.arguments);
  Json tag_list = Json::array();
  for (const std::string& tag : tags(job)) tag_list.push_back(redactor.shown(tag));
  return {{"id", to_string(job.id)},
          {"name", job.name},
          {"display_name", shown_name(job, arguments, redactor)},
          {"tags", std::move(tag_list)},
          {"queue", job.queue},
          {"priority", job.priority},
          {"state", job.state},
          {"kind", to_string(job.kind)},
          {"reason", redactor.shown(job.reason)},
          {"attempt", job.attempt},
          {"created_at", to_string(job.created_at)},
          {"since", to_string(job.since)},
          {"due_at", instant_json(job.due_at)},
          {"server", id_json(job.server)},
          {"duration_us", job.duration ? Json(job.duration->count()) : Json(nullptr)},
          {"arguments", shorten(arguments, argument_bytes)},
          {"arguments_cut", arguments.size() > argument_bytes},
          {"no_handler", job.no_handler},
          {"batch", id_json(job.batch)}};
}

Json details_json(const JobDetails& job, const Redactor& redactor) {
  Json object = summary_json(job, redactor, most_text_bytes);
  Json parameters = Json::object();
  for (const auto& [name, value] : job.parameters) {
    // Shown as tags; here they are JSON within JSON, which no pattern is meant for.
    if (name == tags_parameter && redactor.hides_anything()) continue;
    parameters[name] = shorten(redactor.shown(value), most_text_bytes);
  }
  object["call"] = shorten(call_text(job.name, redactor.shown(job.arguments)), most_text_bytes);
  object["epoch"] = job.epoch;
  object["parameters"] = std::move(parameters);
  object["data"] = text_or_null(job.data, redactor);
  object["result"] = text_or_null(job.result, redactor);
  object["started_at"] = instant_json(job.started_at);
  object["expires_at"] = instant_json(job.expires_at);
  object["members"] = members_json(job.members);
  object["unique_key"] = text_or_null(job.unique_key, redactor);
  object["limit_key"] = text_or_null(job.limit_key, redactor);
  object["in_line"] = job.in_line;
  object["suspect"] = job.suspect;
  object["crashes"] = job.crashes;
  object["progress"] = job.progress ? Json(*job.progress) : Json(nullptr);
  object["stopping_on"] = id_json(job.stopping_on);
  object["recurring"] = recurring_of(job);
  object["history"] = history_json(job.history, redactor);
  return object;
}

Json log_json(const std::vector<LogEntry>& log, const Redactor& redactor) {
  Json array = Json::array();
  for (const LogEntry& entry : log) {
    array.push_back({{"number", entry.number},
                     {"at", to_string(entry.at)},
                     {"level", level_name(entry.level)},
                     {"text", redactor.shown(entry.text)}});
  }
  return array;
}

}  // namespace portfire::dashboard
