#include "views/job_json.hpp"

#include <portfire/display.hpp>

namespace portfire::views {

namespace {

Json words_or_null(const std::string& words, const Texts& texts) {
  return words.empty() ? Json(nullptr) : Json(texts.words(words));
}

Json tags_json(const JobSummary& job, const Texts& texts) {
  Json array = Json::array();
  for (const std::string& tag : tags(job)) array.push_back(texts.words(tag));
  return array;
}

Json history_json(const std::vector<HistoryEntry>& history, const Texts& texts) {
  Json array = Json::array();
  for (const HistoryEntry& entry : history) {
    array.push_back({{"state", entry.state},
                     {"kind", to_string(entry.kind)},
                     {"at", to_string(entry.at)},
                     {"reason", texts.words(entry.reason)},
                     {"data", texts.stored(entry.data)},
                     {"elected_away", entry.elected_away},
                     {"server", id_json(entry.server)}});
  }
  return array;
}

Json members_json(const std::optional<MemberCounts>& members) {
  if (!members) return nullptr;
  return {{"total", members->total},
          {"outstanding", members->outstanding},
          {"succeeded", members->succeeded}};
}

void add_relatives(Json& object, const JobDetails& job) {
  Json parents = Json::array();
  for (const Parent& parent : job.parents) {
    parents.push_back({{"id", to_string(parent.job)}, {"on", to_string(parent.on)}});
  }
  Json children = Json::array();
  for (const JobId child : job.children) children.push_back(to_string(child));
  object["parents"] = std::move(parents);
  object["children"] = std::move(children);
}

}  // namespace

Json summary_json(const JobSummary& job, const Texts& texts) {
  return {{"id", to_string(job.id)},
          {"name", job.name},
          {"display_name", texts.words(display_name(job))},
          {"tags", tags_json(job, texts)},
          {"queue", job.queue},
          {"priority", job.priority},
          {"state", job.state},
          {"kind", to_string(job.kind)},
          {"reason", texts.words(job.reason)},
          {"attempt", job.attempt},
          {"created_at", to_string(job.created_at)},
          {"since", to_string(job.since)},
          {"due_at", instant_json(job.due_at)},
          {"server", id_json(job.server)},
          {"duration_us", span_json(job.duration)},
          {"arguments", texts.stored(job.arguments)},
          {"no_handler", job.no_handler},
          {"batch", id_json(job.batch)}};
}

Json details_json(const JobDetails& job, const Texts& texts) {
  Json object = summary_json(job, texts);
  Json parameters = Json::object();
  for (const auto& [name, value] : job.parameters) parameters[name] = texts.stored(value);
  object["epoch"] = job.epoch;
  object["parameters"] = std::move(parameters);
  object["data"] = texts.stored(job.data);
  object["result"] = texts.stored(job.result);
  object["started_at"] = instant_json(job.started_at);
  object["expires_at"] = instant_json(job.expires_at);
  add_relatives(object, job);
  object["members"] = members_json(job.members);
  object["unique_key"] = words_or_null(job.unique_key, texts);
  object["limit_key"] = words_or_null(job.limit_key, texts);
  object["in_line"] = job.in_line;
  object["suspect"] = job.suspect;
  object["crashes"] = job.crashes;
  object["progress"] = job.progress ? Json(*job.progress) : Json(nullptr);
  object["stopping_on"] = id_json(job.stopping_on);
  object["history"] = history_json(job.history, texts);
  return object;
}

Json log_json(const std::vector<LogEntry>& log, const Texts& texts) {
  Json array = Json::array();
  for (const LogEntry& entry : log) {
    array.push_back({{"number", entry.number},
                     {"at", to_string(entry.at)},
                     {"level", to_string(entry.level)},
                     {"text", texts.words(entry.text)}});
  }
  return array;
}

}  // namespace portfire::views
