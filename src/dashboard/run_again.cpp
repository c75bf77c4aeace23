#include "dashboard/run_again.hpp"

#include <portfire/display.hpp>

#include "model/rules.hpp"

namespace portfire::dashboard {

namespace {

using Values = std::map<std::string, nlohmann::json>;

// What cannot be read is as good as absent.
Values values_of(const JobDetails& job) {
  Values values;
  for (const auto& [name, text] : job.parameters) {
    nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
    if (!value.is_discarded()) values.emplace(name, std::move(value));
  }
  return values;
}

template <class T>
T value_or(const Values& values, const char* name, T otherwise) {
  const auto found = values.find(name);
  if (found == values.end()) return otherwise;
  try {
    return found->second.get<T>();
  } catch (const nlohmann::json::exception&) {
    return otherwise;
  }
}

Duration span_or_zero(const Values& values, const char* name) {
  return Duration{value_or(values, name, Duration::rep{0})};
}

}  // namespace

CallOptions options_like(const JobDetails& job) {
  const Values values = values_of(job);
  CallOptions options{
      .queue = job.queue,
      .priority = job.priority,
      .attempts = value_or(values, rules::attempts_parameter, unset),
      .timeout = span_or_zero(values, rules::timeout_parameter),
      .start_within = span_or_zero(values, rules::start_within_parameter),
      .retention = span_or_zero(values, rules::retention_parameter),
      .baggage = value_or(values, rules::baggage_parameter, std::map<std::string, std::string>{}),
      .tags = tags(job),
      .display_name = value_or(values, rules::display_name_parameter, std::string{})};
  if (!job.limit_key.empty()) options.limit.key = job.limit_key;
  for (const auto& [name, value] : values) {
    if (!name.starts_with(rules::reserved_prefix)) options.parameters[name] = value;
  }
  options.parameters["run_again_from"] = to_string(job.id);
  return options;
}

}  // namespace portfire::dashboard
