#include "client/recurring_definition.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include <portfire/error.hpp>

#include "model/rules.hpp"

namespace portfire {

namespace {

using nlohmann::json;

constexpr int version_written = 1;

[[noreturn]] void refuse(std::string_view what, const json& value) {
  throw DecodeError{"recurring job: " + std::string{what} + " is " +
                    value.dump(-1, ' ', false, json::error_handler_t::replace).substr(0, 100) +
                    ", which this version does not understand"};
}

// Fields that say what is usual anyway are left out.
template <class Value>
void put(json& object, const char* name, const Value& value, const Value& usual) {
  if (value != usual) object[name] = value;
}
void put(json& object, const char* name, const std::string& text) {
  put(object, name, text, std::string{});
}
void put(json& object, const char* name, Duration span) {
  if (span != Duration::zero()) object[name] = to_string(span);
}
void put(json& object, const char* name, const std::optional<TimePoint>& instant) {
  if (instant) object[name] = to_string(*instant);
}

template <class Value>
Value read(const json& object, const char* name, Value usual) {
  const auto found = object.find(name);
  if (found == object.end()) return usual;
  try {
    return found->template get<Value>();
  } catch (const json::exception&) {
    refuse(name, *found);
  }
}

std::string text_in(const json& object, const char* name) {
  return read(object, name, std::string{});
}

Duration span_in(const json& object, const char* name) {
  if (!object.contains(name)) return Duration::zero();
  const auto span = parse_duration(text_in(object, name));
  if (!span) refuse(name, object.at(name));
  return *span;
}

std::optional<TimePoint> instant_in(const json& object, const char* name) {
  if (!object.contains(name)) return std::nullopt;
  const auto instant = parse_time(text_in(object, name));
  if (!instant) refuse(name, object.at(name));
  return instant;
}

template <class Enum>
Enum choice_in(const json& object, const char* name,
               std::optional<Enum> (*parse)(std::string_view text)) {
  if (!object.contains(name)) return Enum{};
  const auto choice = parse(text_in(object, name));
  if (!choice) refuse(name, object.at(name));
  return *choice;
}

json parse_object(std::string_view text, const char* what) {
  json object = json::parse(text, nullptr, false);
  if (!object.is_object()) refuse(what, std::string{text});
  return object;
}

// `2026-12-25`
std::string day_text(const std::chrono::year_month_day& day) {
  return to_string(TimePoint{std::chrono::sys_days{day}}).substr(0, 10);
}

std::chrono::year_month_day read_day(const json& text) {
  const auto instant =
      text.is_string() ? parse_time(text.get<std::string>() + "T00:00:00Z") : std::nullopt;
  if (!instant) refuse("except", text);
  return std::chrono::floor<std::chrono::days>(*instant);
}

json json_of_schedule(const RecurringDefinition& definition) {
  const Schedule& schedule = definition.schedule;
  const RecurringOptions& options = definition.options;
  json object = json::object();
  if (schedule.is_interval()) {
    object["every"] = to_string(schedule.interval());
    if (schedule.anchor() != TimePoint{}) object["anchor"] = to_string(schedule.anchor());
  } else {
    object["cron"] = schedule.cron().text();
    put(object, "zone", options.zone, std::string{"UTC"});
  }
  put(object, "start", options.start);
  put(object, "end", options.end);
  for (const auto& day : options.except) object["except"].push_back(day_text(day));
  if (!options.except.empty() && schedule.is_interval()) object["zone"] = options.zone;
  put(object, "jitter", options.jitter);
  return object;
}

constexpr std::array<StateKind, 6> all_kinds{StateKind::ready,   StateKind::timed,
                                             StateKind::waiting, StateKind::running,
                                             StateKind::parked,  StateKind::final};

json json_of_limit(const Limit& limit) {
  json object{{"key", limit.key}, {"at_once", limit.at_once}};
  if (limit.counts_while == Limit{}.counts_while) return object;
  for (const StateKind kind : all_kinds) {
    if (limit.counts_while.contains(kind)) object["counts_while"].push_back(to_string(kind));
  }
  return object;
}

Limit read_limit(const json& object) {
  Limit limit{.key = text_in(object, "key"), .at_once = read(object, "at_once", std::uint32_t{1})};
  if (!object.contains("counts_while")) return limit;
  std::uint8_t bits = 0;
  for (const json& name : object.at("counts_while")) {
    const auto kind = name.is_string() ? parse_state_kind(name.get<std::string>()) : std::nullopt;
    if (!kind) refuse("counts_while", name);
    bits |= StateKinds{*kind}.bits();
  }
  limit.counts_while = StateKinds::from_bits(bits);
  return limit;
}

json json_of_job(const RecurringDefinition& definition) {
  const CallOptions& call = definition.options.job;
  json object{{"name", definition.job_name}, {"arguments", definition.arguments}};
  put(object, "queue", call.queue);
  put(object, "priority", call.priority, unset);
  put(object, "attempts", call.attempts, unset);
  put(object, "timeout", call.timeout);
  put(object, "start_within", call.start_within);
  put(object, "retention", call.retention);
  if (!call.limit.key.empty()) object["limit"] = json_of_limit(call.limit);
  if (!call.sequence.key.empty()) {
    object["sequence"] = {{"key", call.sequence.key},
                          {"past_failures", call.sequence.past_failures}};
  }
  if (!call.tags.empty()) object["tags"] = call.tags;
  put(object, "display_name", call.display_name);
  if (!call.baggage.empty()) object["baggage"] = call.baggage;
  if (!call.parameters.empty()) object["parameters"] = call.parameters;
  return object;
}

Schedule read_schedule(const json& object) {
  if (object.contains("every")) {
    const auto anchor = instant_in(object, "anchor");
    return Schedule::every(span_in(object, "every"), anchor.value_or(TimePoint{}));
  }
  return Cron::parse(text_in(object, "cron"));
}

CallOptions read_call(const json& object) {
  const json sequence = read(object, "sequence", json::object());
  return {.queue = text_in(object, "queue"),
          .priority = read(object, "priority", unset),
          .limit = read_limit(read(object, "limit", json::object())),
          .sequence = {.key = text_in(sequence, "key"),
                       .past_failures = read(sequence, "past_failures", false)},
          .attempts = read(object, "attempts", unset),
          .timeout = span_in(object, "timeout"),
          .start_within = span_in(object, "start_within"),
          .retention = span_in(object, "retention"),
          .baggage = read(object, "baggage", std::map<std::string, std::string>{}),
          .tags = read(object, "tags", std::vector<std::string>{}),
          .display_name = text_in(object, "display_name"),
          .parameters = read(object, "parameters", std::map<std::string, json>{})};
}

}  // namespace

void check(const RecurringDefinition& definition) {
  const RecurringOptions& options = definition.options;
  rules::check_job_name(definition.job_name);
  rules::check_range("most_made_up", options.most_made_up, 1, 10'000);
  rules::check_span("jitter", options.jitter, Duration::zero(), std::chrono::hours{24});
  if (options.start && options.end && *options.end < *options.start) {
    throw UsageError{"end is " + to_string(*options.end) + ", before start, " +
                     to_string(*options.start) + "; give a later one"};
  }
  for (const auto& day : options.except) {
    if (day.ok()) continue;
    throw UsageError{"except names a day that no calendar has; give days such as 2026-12-25"};
  }
  if (!options.job.unique.key.empty()) {
    throw UsageError{"job.unique.key is \"" + options.job.unique.key +
                     "\"; a recurring job takes none, its overlap policy decides"};
  }
  rules::check_limit(options.job.limit);
  rules::check_tags(options.job.tags);
  rules::check_baggage(options.job.baggage);
  if (!options.job.queue.empty()) rules::check_queue_name("job.queue", options.job.queue);
  const TimeZone zone{options.zone};
}

std::string encode(const RecurringDefinition& definition) {
  const RecurringOptions& options = definition.options;
  json object{{"version", version_written},
              {"schedule", json_of_schedule(definition)},
              {"job", json_of_job(definition)}};
  const RecurringOptions usual;
  put(object, "misfire", to_string(options.misfire), to_string(Misfire{}));
  put(object, "most_made_up", options.most_made_up, usual.most_made_up);
  put(object, "overlap", to_string(options.overlap), to_string(Overlap{}));
  put(object, "most_runs", options.most_runs, usual.most_runs);
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

RecurringDefinition decode_definition(std::string_view text) {
  const json object = parse_object(text, "definition");
  if (read(object, "version", 0) != version_written) {
    refuse("version", object.value("version", json{}));
  }
  const json schedule = read(object, "schedule", json::object());
  const json job = read(object, "job", json::object());
  RecurringDefinition definition{.schedule = Cron::never(),
                                 .job_name = text_in(job, "name"),
                                 .arguments = text_in(job, "arguments")};
  RecurringOptions& options = definition.options;
  try {
    definition.schedule = read_schedule(schedule);
  } catch (const UsageError& error) {
    throw DecodeError{std::string{"recurring job: "} + error.what()};
  }
  options.zone = read(schedule, "zone", std::string{"UTC"});
  options.start = instant_in(schedule, "start");
  options.end = instant_in(schedule, "end");
  for (const json& day : read(schedule, "except", json::array())) {
    options.except.push_back(read_day(day));
  }
  options.jitter = span_in(schedule, "jitter");
  options.misfire = choice_in(object, "misfire", parse_misfire);
  options.most_made_up = read(object, "most_made_up", options.most_made_up);
  options.overlap = choice_in(object, "overlap", parse_overlap);
  options.most_runs = read(object, "most_runs", options.most_runs);
  options.job = read_call(job);
  return definition;
}

std::string encode(const RecurringProgress& progress) {
  json object = json::object();
  put(object, "next", progress.next);
  put(object, "last", progress.last);
  if (progress.last_job) object["last_job"] = to_string(progress.last_job);
  put(object, "runs", progress.runs, std::uint64_t{0});
  put(object, "skipped", progress.skipped, std::uint64_t{0});
  put(object, "error", progress.error);
  put(object, "failures", progress.failures, std::uint64_t{0});
  if (progress.paused) {
    json& pause = object["paused"] = json::object();
    put(pause, "by", progress.paused_by);
    put(pause, "reason", progress.pause_reason);
    put(pause, "until", progress.paused_until);
  }
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

RecurringProgress decode_progress(std::string_view text) {
  const json object = parse_object(text, "progress");
  RecurringProgress progress{.next = instant_in(object, "next"),
                             .last = instant_in(object, "last"),
                             .runs = read(object, "runs", std::uint64_t{0}),
                             .skipped = read(object, "skipped", std::uint64_t{0}),
                             .error = text_in(object, "error"),
                             .failures = read(object, "failures", std::uint64_t{0})};
  progress.last_job = parse_id<JobId>(text_in(object, "last_job")).value_or(JobId{});
  if (object.contains("paused")) {
    const json pause = read(object, "paused", json::object());
    progress.paused = true;
    progress.paused_by = text_in(pause, "by");
    progress.pause_reason = text_in(pause, "reason");
    progress.paused_until = instant_in(pause, "until");
  }
  return progress;
}

bool same_schedule(const RecurringDefinition& a, const RecurringDefinition& b) {
  return json_of_schedule(a) == json_of_schedule(b);
}

Occurrences occurrences_of(const RecurringDefinition& definition, std::string_view id) {
  const RecurringOptions& options = definition.options;
  return {definition.schedule,
          TimeZone{options.zone},
          {.start = options.start, .end = options.end, .except = options.except},
          id};
}

Jitter jitter_of(const RecurringDefinition& definition, std::string_view id) {
  return {definition.options.jitter, id};
}

JobRequest request_of(const RecurringDefinition& definition, const std::string& id,
                      TimePoint occurrence, std::string reason) {
  using enum StateKind;
  JobRequest request{
      .name = definition.job_name,
      .arguments = definition.arguments,
      .call = definition.options.job,
      .state = states::enqueued(std::move(reason)),
      .reserved = {{rules::recurring_parameter, json(id).dump()},
                   {rules::occurrence_parameter, json(to_string(occurrence)).dump()}}};
  // The key of a job that is over is free: so the storage itself leaves out what would overlap.
  const Overlap overlap = definition.options.overlap;
  if (overlap == Overlap::skip || overlap == Overlap::queue_one) {
    request.call.unique.key = std::string{rules::recurring_parameter} + ':' + id;
    request.call.unique.held_while = {ready, timed, waiting};
    if (overlap == Overlap::skip) request.call.unique.held_while = {ready, timed, waiting, running};
  }
  return request;
}

void cancel_previous(Unit& unit, JobId previous, Storage& storage, const FilterChain& filters,
                     Duration retention) {
  if (!previous) return;
  const auto job = storage.monitoring().job(previous);
  if (!job || job->kind == StateKind::final || job->kind == StateKind::parked) return;
  Transition transition{.job = previous,
                        .expected_state = job->state,
                        .state = states::deleted("The next occurrence has come")};
  transition.state.retention = retention;
  if (filters.elects_released_jobs()) transition.release = Release::elect;
  unit.transitions.push_back(std::move(transition));
}

RecurringRecord record_of(std::string_view id, const RecurringDefinition& definition,
                          const RecurringProgress& progress) {
  RecurringRecord record{.id = std::string{id},
                         .job_name = definition.job_name,
                         .definition = encode(definition),
                         .progress = encode(progress)};
  if (progress.next) record.due_at = jitter_of(definition, id).due(*progress.next);
  return record;
}

}  // namespace portfire
