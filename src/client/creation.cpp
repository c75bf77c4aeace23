#include "client/creation.hpp"

#include <algorithm>

#include <portfire/error.hpp>
#include <portfire/storage/monitoring.hpp>

#include "model/rules.hpp"

namespace portfire {

namespace {

// Parameters that steer the job travel beside the user's, under reserved names.
void add_steering_parameters(NewJob& job, const JobRequest& request) {
  const CallOptions& call = request.call;
  if (call.attempts != unset) {
    rules::check_range("attempts", call.attempts, 0, rules::most_attempts);
    job.parameters[rules::attempts_parameter] = std::to_string(call.attempts);
  }
  constexpr Duration longest = std::chrono::hours{24 * 365 * 100};
  if (call.timeout != Duration::zero()) {
    rules::check_span("timeout", call.timeout, Duration{1}, longest);
    job.parameters[rules::timeout_parameter] = std::to_string(call.timeout.count());
  }
  if (call.start_within != Duration::zero()) {
    rules::check_span("start_within", call.start_within, Duration{1}, longest);
    job.parameters[rules::start_within_parameter] = std::to_string(call.start_within.count());
  }
  if (call.retention != Duration::zero()) {
    rules::check_span("retention", call.retention, Duration{1}, longest);
    job.parameters[rules::retention_parameter] = std::to_string(call.retention.count());
  }
  if (!call.baggage.empty()) {
    rules::check_baggage(call.baggage);
    job.parameters[rules::baggage_parameter] = encode_value(call.baggage);
  }
  if (!call.tags.empty()) {
    rules::check_tags(call.tags);
    job.parameters[std::string{tags_parameter}] = encode_value(call.tags);
  }
  if (!call.display_name.empty() || !request.defaults.display_name.empty()) {
    const std::string name =
        call.display_name.empty() ? std::string{request.defaults.display_name} : call.display_name;
    rules::check_display_name(name);
    job.parameters[rules::display_name_parameter] = encode_value(name);
  }
  if (!request.parents.empty()) {
    nlohmann::json parents = nlohmann::json::array();
    for (const Parent& parent : request.parents) parents.push_back(to_string(parent.job));
    job.parameters[rules::parents_parameter] = parents.dump();
  }
}

Limit limit_of_sequence(Sequence sequence) {
  using enum StateKind;
  Limit limit{.key = std::move(sequence.key), .counts_while = {ready, timed, running, parked}};
  if (sequence.past_failures) limit.counts_while = {ready, timed, running};
  return limit;
}

// Nobody runs a batch: it has no parameters, and nobody is asked about it.
NewJob to_new_batch(JobRequest request, JobId id) {
  rules::check_job_name(request.name);
  NewJob job{.id = id,
             .name = std::move(request.name),
             .arguments = std::move(request.arguments),
             .state = std::move(request.state),
             .when_met = states::batch_succeeded(),
             .when_unmet = states::batch_completed(),
             .is_batch = true,
             .batch = request.call.batch};
  job.when_met.retention = job.when_unmet.retention = request.call.retention;
  return job;
}

NewJob to_new_job(JobRequest request, JobId id, Duration retention) {
  NewJob job;
  job.id = id;
  job.batch = request.call.batch;
  job.when_met = std::move(request.when_met);
  rules::check_job_name(request.name);
  for (const auto& [name, value] : request.call.parameters) {
    rules::check_parameter_name(name);
    job.parameters[name] = detail::dump(value, "parameter " + name);
  }
  add_steering_parameters(job, request);
  job.parameters.merge(request.reserved);
  job.queue = request.call.queue.empty() ? std::string{request.defaults.queue}
                                         : std::move(request.call.queue);
  job.priority = request.call.priority == unset ? request.defaults.priority : request.call.priority;
  job.name = std::move(request.name);
  job.arguments = std::move(request.arguments);
  job.state = std::move(request.state);
  job.parents = std::move(request.parents);
  job.unique = std::move(request.call.unique);
  job.limit = limit_of(request.call, job.name, request.defaults);
  job.when_unmet = states::deleted("A job that it waited for did not end as it should");
  job.when_unmet.retention = retention;
  return job;
}

// Filters may have written anything into the job.
void check_job(const NewJob& job) {
  rules::check_job_name(job.name);
  rules::check_queue_name("queue", job.queue);
  rules::check_range("priority", job.priority, rules::lowest_priority, rules::highest_priority);
  rules::check_unique_key(job.unique);
  rules::check_limit(job.limit);
  rules::check_new_state(job.state);
  for (const Parent& parent : job.parents) {
    if (job.batch && parent.job == job.batch) {
      throw UsageError{"the job \"" + job.name + "\" is to wait for batch " + to_string(job.batch) +
                       ", of which it is a member: neither would ever end; let it wait for other "
                       "members, or be no member"};
    }
  }
  // Nobody would ever let it go.
  if (job.state.kind == StateKind::waiting && job.parents.empty()) {
    throw UsageError{"the job \"" + job.name +
                     "\" is to wait for other jobs, but none is given; name at least one parent"};
  }
}

State elect(const NewJob& job, State candidate, std::vector<State>* replaced,
            const FilterChain& filters) {
  const JobFacts facts{.id = job.id,
                       .name = job.name,
                       .queue = job.queue,
                       .arguments = job.arguments,
                       .current_state = {},
                       .parameters = job.parameters,
                       .attempts_limit = unset};
  Election election{.job = facts, .candidate = std::move(candidate)};
  filters.electing(election);
  if (replaced != nullptr) *replaced = std::move(election.replaced);
  return std::move(election.candidate);
}

}  // namespace

Limit limit_of(const CallOptions& call, const std::string& name, const JobOptions& defaults) {
  if (!call.limit.key.empty() && !call.sequence.key.empty()) {
    throw UsageError{"the job \"" + name + "\" is given the limit \"" + call.limit.key +
                     "\" and the sequence \"" + call.sequence.key +
                     "\"; a job stands in one line at a time, so choose one of them"};
  }
  if (!call.limit.key.empty()) return call.limit;
  if (!call.sequence.key.empty()) return limit_of_sequence(call.sequence);
  if (defaults.at_once == 0) return {};
  rules::check_range("at_once", defaults.at_once, 1, rules::most_at_once);
  return {.key = name, .at_once = static_cast<std::uint32_t>(defaults.at_once)};
}

namespace {

// Of valid JSON. What it says stays as it was written: parsed and written again, long numbers would
// lose digits.
std::string without_spaces(std::string_view json_text) {
  std::string text;
  text.reserve(json_text.size());
  bool in_string = false;
  bool is_escaped = false;
  for (const char letter : json_text) {
    if (in_string || std::string_view{" \t\n\r"}.find(letter) == std::string_view::npos) {
      text += letter;
    }
    if (letter == '"' && !is_escaped) in_string = !in_string;
    is_escaped = in_string && letter == '\\' && !is_escaped;
  }
  return text;
}

}  // namespace

JobRequest raw_request(std::string name, std::string_view arguments, State state) {
  nlohmann::json array;
  try {
    array = nlohmann::json::parse(arguments);
  } catch (const nlohmann::json::exception& error) {
    throw UsageError{"the arguments of \"" + name + "\" are not JSON: " + error.what()};
  }
  if (!array.is_array()) {
    throw UsageError{"the arguments of \"" + name +
                     "\" must be a JSON array such as [\"text\", 7], but are " +
                     std::string{array.type_name()}};
  }
  arguments.remove_prefix(arguments.find('['));  // There may be a byte order mark.
  return {
      .name = std::move(name), .arguments = without_spaces(arguments), .state = std::move(state)};
}

PreparedJob prepare_job(JobRequest request, JobId id, const FilterChain& filters,
                        Duration retention) {
  if (request.id) id = request.id;
  if (request.is_batch) return {.job = to_new_batch(std::move(request), id)};
  PreparedJob prepared{.job = to_new_job(std::move(request), id, retention)};
  NewJob& job = prepared.job;
  if (filters.empty()) {
    check_job(job);
    return prepared;
  }
  Creating creating{.job = job};
  filters.creating(creating);
  if (creating.vetoed) {
    prepared.vetoed = true;
    prepared.veto_reason = std::move(creating.veto_reason);
    return prepared;
  }
  job.state = elect(job, std::move(job.state), &job.elected_away, filters);
  if (!job.parents.empty()) {
    // What a continuation becomes later is decided now, by its creator's filters.
    job.when_met = elect(job, std::move(job.when_met), nullptr, filters);
    job.when_unmet = elect(job, std::move(job.when_unmet), nullptr, filters);
    if (job.state.kind != StateKind::waiting) job.parents.clear();
  }
  check_job(job);
  return prepared;
}

Creation creation_result(const PreparedJob& prepared, const CommitResult& result) {
  if (prepared.vetoed) {
    return {.status = prepared.veto_status, .reason = prepared.veto_reason};
  }
  if (result.done()) {
    const auto existing =
        std::find_if(result.existing.begin(), result.existing.end(),
                     [&](const auto& item) { return item.requested == prepared.job.id; });
    if (existing == result.existing.end()) return {.id = prepared.job.id};
    const bool replaced = prepared.job.unique.on_duplicate == OnDuplicate::replace;
    return {.status = replaced ? Creation::Status::replaced : Creation::Status::existing,
            .id = existing->holder,
            .holder = existing->holder};
  }
  Creation rejected{.status = Creation::Status::rejected};
  if (result.rejection == Rejection::parent_missing) {
    rejected.reason = "the parent " + to_string(result.holder) + " does not exist";
  } else if (result.rejection == Rejection::batch_closed) {
    rejected.reason = "the batch " + to_string(result.holder) +
                      " takes no members: it does not exist, was deleted, or is no batch";
  } else if (result.job == prepared.job.id) {
    rejected.holder = result.holder;
    rejected.reason = "the unique key \"" + prepared.job.unique.key + "\" is held by job " +
                      to_string(result.holder);
    if (prepared.job.unique.on_duplicate == OnDuplicate::replace) {
      rejected.reason += ", which cannot be replaced: it has begun or ended, or does other work";
    }
  } else {
    rejected.reason = "another job of the same call was rejected";
  }
  return rejected;
}

}  // namespace portfire
