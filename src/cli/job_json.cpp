#include "cli/job_json.hpp"

#include <portfire/display.hpp>

namespace portfire::cli {

namespace {

template <class IdType>
Json id_json(const std::optional<IdType>& id) {
  return id ? Json(to_string(*id)) : Json(nullptr);
}

Json history_json(const std::vector<HistoryEntry>& history) {
  Json array = Json::array();
  for (const HistoryEntry& entry : history) {
    array.push_back({{"state", entry.state},
                     {"kind", to_string(entry.kind)},
                     {"at", to_string(entry.at)},
                     {"reason", entry.reason},
                     {"data", stored_json(entry.data)},
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

Json log_json(const std::vector<LogEntry>& log) {
  Json array = Json::array();
  for (const LogEntry& entry : log) {
    array.push_back({{"number", entry.number},
                     {"at", to_string(entry.at)},
                     {"level", level_name(entry.level)},
                     {"text", entry.text}});
  }
  return array;
}

Json members_json(const std::optional<MemberCounts>& members) {
  if (!members) return nullptr;
  return {{"total", members->total},
          {"outstanding", members->outstanding},
          {"succeeded", members->succeeded}};
}

}  // namespace

Json instant_json(const std::optional<TimePoint>& instant) {
  return instant ? Json(to_string(*instant)) : Json(nullptr);
}

Json stored_json(const std::string& text) {
  if (text.empty()) return nullptr;
  Json value = Json::parse(text, nullptr, false);
  return value.is_discarded() ? Json(text) : value;
}

Json summary_json(const JobSummary& job) {
  return {{"id", to_string(job.id)},
          {"name", job.name},
          {"display_name", display_name(job)},
          {"tags", tags(job)},
          {"queue", job.queue},
          {"priority", job.priority},
          {"state", job.state},
          {"kind", to_string(job.kind)},
          {"reason", job.reason},
          {"attempt", job.attempt},
          {"created_at", to_string(job.created_at)},
          {"since", to_string(job.since)},
          {"due_at", instant_json(job.due_at)},
          {"server", id_json(job.server)},
          {"duration_us", job.duration ? Json(job.duration->count()) : Json(nullptr)},
          {"arguments", stored_json(job.arguments)},
          {"no_handler", job.no_handler},
          {"batch", id_json(job.batch)}};
}

Json details_json(const JobDetails& job, const std::vector<LogEntry>& log) {
  Json object = summary_json(job);
  Json parameters = Json::object();
  for (const auto& [name, value] : job.parameters) parameters[name] = stored_json(value);
  Json parents = Json::array();
  for (const Parent& parent : job.parents) {
    parents.push_back({{"id", to_string(parent.job)}, {"on", to_string(parent.on)}});
  }
  Json children = Json::array();
  for (const JobId child : job.children) children.push_back(to_string(child));
  object["epoch"] = job.epoch;
  object["parameters"] = std::move(parameters);
  object["data"] = stored_json(job.data);
  object["result"] = stored_json(job.result);
  object["started_at"] = instant_json(job.started_at);
  object["expires_at"] = instant_json(job.expires_at);
  object["parents"] = std::move(parents);
  object["children"] = std::move(children);
  object["members"] = members_json(job.members);
  object["unique_key"] = job.unique_key.empty() ? Json(nullptr) : Json(job.unique_key);
  object["limit_key"] = job.limit_key.empty() ? Json(nullptr) : Json(job.limit_key);
  object["in_line"] = job.in_line;
  object["suspect"] = job.suspect;
  object["crashes"] = job.crashes;
  object["progress"] = job.progress ? Json(*job.progress) : Json(nullptr);
  object["stopping_on"] = id_json(job.stopping_on);
  object["history"] = history_json(job.history);
  object["log"] = log_json(log);
  return object;
}

}  // namespace portfire::cli
