#include "model/rules.hpp"

#include <algorithm>

#include <portfire/error.hpp>

namespace portfire::rules {

namespace {

[[noreturn]] void refuse(std::string_view field, std::string_view value, std::string_view rule) {
  std::string message{field};
  message += " is \"";
  message += value;
  message += "\"; ";
  message += rule;
  throw UsageError{message};
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

void check_text(std::string_view field, std::string_view text, std::size_t longest) {
  if (text.empty()) refuse(field, text, "it must not be empty");
  if (text.size() > longest) {
    refuse(field, text, "it must be at most " + std::to_string(longest) + " bytes long");
  }
  if (std::any_of(text.begin(), text.end(), is_control)) {
    refuse(field, text, "it must not contain control characters");
  }
}

}  // namespace

bool is_queue_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_name_bytes &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

void check_queue_name(std::string_view field, std::string_view name) {
  if (!is_queue_name(name)) {
    refuse(field, name, "a queue name is 1 to 200 of the characters a-z, 0-9, _ and -");
  }
}

void check_job_name(std::string_view name) { check_text("job name", name, longest_name_bytes); }

void check_parameter_name(std::string_view name) {
  check_text("parameter name", name, longest_name_bytes);
  if (name.starts_with(reserved_prefix)) {
    refuse("parameter name", name, "names that begin with \"portfire.\" are reserved");
  }
}

void check_range(std::string_view field, long long value, long long lowest, long long highest) {
  if (value >= lowest && value <= highest) return;
  refuse(field, std::to_string(value),
         "it must be from " + std::to_string(lowest) + " to " + std::to_string(highest));
}

void check_span(std::string_view field, Duration value, Duration lowest, Duration highest) {
  if (value >= lowest && value <= highest) return;
  refuse(field, to_string(value),
         "it must be from " + to_string(lowest) + " to " + to_string(highest));
}

void check_unique_key(const UniqueKey& unique) {
  if (unique.key.empty()) return;
  check_text("unique key", unique.key, longest_name_bytes);
  check_span("unique window", unique.window, Duration::zero(), std::chrono::hours{24 * 365 * 100});
}

void check_limit(const Limit& limit) {
  if (limit.key.empty()) return;
  check_text("limit key", limit.key, longest_name_bytes);
  check_range("limit at_once", limit.at_once, 1, most_at_once);
}

void check_tags(const std::vector<std::string>& tags) {
  if (tags.size() > most_tags) {
    throw UsageError{"the job has " + std::to_string(tags.size()) + " tags; at most " +
                     std::to_string(most_tags) + " are kept"};
  }
  for (const std::string& tag : tags) check_text("tag", tag, longest_tag_bytes);
}

void check_display_name(std::string_view name) {
  check_text("display name", name, longest_name_bytes);
}

void check_baggage(const std::map<std::string, std::string>& baggage) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : baggage) bytes += name.size() + value.size();
  if (bytes <= most_baggage_bytes) return;
  throw UsageError{"the baggage of a job takes " + std::to_string(bytes) + " bytes; at most " +
                   std::to_string(most_baggage_bytes) + " travel with every job"};
}

void check_new_state(const State& state) {
  constexpr std::size_t longest_state_name = 40;
  check_text("state name", state.name, longest_state_name);
  if (state.kind == StateKind::running) {
    refuse("state", state.name, "only a server's claim makes a job run");
  }
}

}  // namespace portfire::rules
