#include "storage/postgresql/unit_json.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include <portfire/id.hpp>

#include "storage/common/requests.hpp"

namespace portfire::postgresql {

namespace {

using json = nlohmann::json;

// What is not UTF-8 is replaced, and so is the zero character, which jsonb cannot keep.
std::string text_of(const json& value) {
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  constexpr std::string_view zero = "\\u0000";
  for (auto at = text.find(zero); at != std::string::npos; at = text.find(zero, at + 1)) {
    std::size_t backslashes = 0;
    while (backslashes < at && text[at - 1 - backslashes] == '\\') ++backslashes;
    if (backslashes % 2 == 0) text.replace(at, zero.size(), "\\ufffd");
  }
  return text;
}

template <class Value>
  requires(!std::is_enum_v<Value>)
void put(json& object, const char* name, const Value& value, const Value& usual = {}) {
  if (value != usual) object[name] = value;
}

void put(json& object, const char* name, Duration span) {
  put(object, name, span.count(), Duration::rep{0});
}

template <class Enum>
  requires std::is_enum_v<Enum>
void put(json& object, const char* name, Enum value) {
  put(object, name, static_cast<int>(value), 0);
}

json json_of(const State& state) {
  json object{{"name", state.name}};
  put(object, "kind", state.kind);
  put(object, "ending", state.ending);
  put(object, "reason", state.reason);
  put(object, "data", state.data);
  put(object, "due_in", state.due_in);
  if (state.due_at) object["due_at"] = state.due_at->time_since_epoch().count();
  if (state.retention) object["retention"] = state.retention->count();
  return object;
}

void put(json& object, const char* name, const std::vector<State>& states) {
  for (const State& state : states) object[name].push_back(json_of(state));
}

json json_of(const UniqueKey& unique) {
  json object{{"key", unique.key}, {"held_while", unique.held_while.bits()}};
  put(object, "on_duplicate", unique.on_duplicate);
  put(object, "window", unique.window);
  return object;
}

json json_of(const Limit& limit) {
  return {
      {"key", limit.key}, {"at_once", limit.at_once}, {"counts_while", limit.counts_while.bits()}};
}

json json_of(const std::map<std::string, std::optional<std::string>>& parameters) {
  json object = json::object();
  for (const auto& [name, text] : parameters) object[name] = text ? json(*text) : json(nullptr);
  return object;
}

json json_of(const NewJob& job) {
  json object{{"id", to_string(job.id)},
              {"name", job.name},
              {"arguments", job.arguments},
              {"queue", job.queue},
              {"state", json_of(job.state)}};
  put(object, "priority", job.priority, 0);
  put(object, "parameters", job.parameters);
  put(object, "elected_away", job.elected_away);
  for (const Parent& parent : job.parents) {
    object["parents"].push_back(
        {{"job", to_string(parent.job)}, {"on", static_cast<int>(parent.on)}});
  }
  if (!job.parents.empty() || job.is_batch) {
    object["when_met"] = json_of(job.when_met);
    object["when_unmet"] = json_of(job.when_unmet);
  }
  if (job.is_batch) object["is_batch"] = true;
  if (job.batch) object["batch"] = to_string(job.batch);
  if (!job.unique.key.empty()) object["unique"] = json_of(job.unique);
  if (!job.limit.key.empty()) object["limit"] = json_of(job.limit);
  return object;
}

json json_of(const Transition& transition) {
  json object{{"job", to_string(transition.job)}, {"state", json_of(transition.state)}};
  put(object, "locator", transition.locator, std::int64_t{0});
  if (transition.epoch) object["epoch"] = *transition.epoch;
  put(object, "expected_state", transition.expected_state);
  put(object, "elected_away", transition.elected_away);
  if (!transition.parameters.empty()) object["parameters"] = json_of(transition.parameters);
  if (transition.attempt) object["attempt"] = *transition.attempt;
  if (transition.queue) object["queue"] = *transition.queue;
  if (transition.priority) object["priority"] = *transition.priority;
  put(object, "result", transition.result);
  put(object, "start_delay", transition.start_delay);
  put(object, "duration", transition.duration);
  if (transition.crashes) object["crashes"] = *transition.crashes;
  put(object, "release", transition.release);
  return object;
}

json json_of(const RecurringChange& change) {
  json object{{"id", change.id}};
  put(object, "version", change.expected_version);
  if (!change.record) return object;
  object["job_name"] = change.record->job_name;
  object["definition"] = change.record->definition;
  object["progress"] = change.record->progress;
  if (const auto due_at = change.record->due_at) {
    object["due_at"] = due_at->time_since_epoch().count();
  }
  return object;
}

json json_of(const Unit& unit) {
  json object = json::object();
  if (unit.id) object["id"] = to_string(unit.id);
  for (const NewJob& job : unit.jobs) object["jobs"].push_back(json_of(job));
  for (const Transition& transition : unit.transitions) {
    object["transitions"].push_back(json_of(transition));
  }
  for (const RecurringChange& change : unit.recurring) {
    object["recurring"].push_back(json_of(change));
  }
  return object;
}

json json_of(const Report& report) {
  json object{{"job", to_string(report.execution.job)},
              {"epoch", report.execution.epoch},
              {"claim", report.execution.locator}};
  if (report.start_delay) object["start_delay"] = report.start_delay->count();
  if (report.progress) object["progress"] = *report.progress;
  for (const ReportLine& line : report.lines) {
    object["lines"].push_back({{"number", log_number(report.execution.epoch, line)},
                               {"level", static_cast<int>(line.level)},
                               {"text", line.text}});
  }
  return object;
}

template <class IdType>
IdType id_in(const json& value) {
  return value.is_string() ? parse_id<IdType>(value.get<std::string>()).value_or(IdType{})
                           : IdType{};
}

std::string text_in(const json& object, const char* name) {
  return object.contains(name) && object[name].is_string() ? object[name].get<std::string>()
                                                           : std::string{};
}

std::int64_t number_in(const json& object, const char* name) {
  return object.contains(name) && object[name].is_number() ? object[name].get<std::int64_t>() : 0;
}

State state_in(const json& object) {
  State state{.name = text_in(object, "name"),
              .kind = static_cast<StateKind>(number_in(object, "kind")),
              .ending = static_cast<Ending>(number_in(object, "ending")),
              .reason = text_in(object, "reason"),
              .data = text_in(object, "data"),
              .due_in = Duration{number_in(object, "due_in")}};
  if (object.contains("due_at")) state.due_at = TimePoint{Duration{number_in(object, "due_at")}};
  if (object.contains("retention")) state.retention = Duration{number_in(object, "retention")};
  return state;
}

}  // namespace

std::string json_of_units(std::span<const Unit* const> units) {
  json all = json::array();
  for (const Unit* unit : units) all.push_back(json_of(*unit));
  return text_of(all);
}

std::string json_of_reports(std::span<const Report> reports) {
  json all = json::array();
  for (const Report& report : reports) all.push_back(json_of(report));
  return text_of(all);
}

std::string json_of_batch(const NewJob& batch) {
  return text_of({{"state", json_of(batch.state)},
                  {"when_met", json_of(batch.when_met)},
                  {"when_unmet", json_of(batch.when_unmet)}});
}

std::string json_of_parameters(const std::map<std::string, std::string>& parameters) {
  return text_of(json(parameters));
}

std::string json_of_parameters(
    const std::map<std::string, std::optional<std::string>>& parameters) {
  return text_of(json_of(parameters));
}

PromoteResult promote_result_of(std::string_view text) {
  const json answer = json::parse(text, nullptr, false);
  PromoteResult result;
  if (!answer.is_object()) return result;
  result.promoted = static_cast<std::size_t>(number_in(answer, "promoted"));
  if (answer.contains("next_due_in") && answer["next_due_in"].is_number()) {
    result.next_due_in = Duration{number_in(answer, "next_due_in")};
  }
  if (!answer.contains("elect")) return result;
  for (const json& due : answer["elect"]) {
    result.elect.push_back({.job = id_in<JobId>(due["job"]),
                            .name = text_in(due, "name"),
                            .queue = text_in(due, "queue"),
                            .current = state_in(due["current"]),
                            .candidate = state_in(due["candidate"])});
  }
  return result;
}

std::vector<CommitResult::Existing> existing_of(std::string_view text) {
  std::vector<CommitResult::Existing> all;
  const json pairs = json::parse(text, nullptr, false);
  if (!pairs.is_array()) return all;
  for (const json& pair : pairs) {
    if (!pair.is_array() || pair.size() != 2) continue;
    all.push_back({.requested = id_in<JobId>(pair[0]), .holder = id_in<JobId>(pair[1])});
  }
  return all;
}

std::string recurring_of(std::string_view text) {
  const json id = json::parse(text, nullptr, false);
  return id.is_string() ? id.get<std::string>() : std::string{};
}

}  // namespace portfire::postgresql
