#pragma once

// What names and numbers may be. One message per rule, naming field, value and rule.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/storage/unit.hpp>

namespace portfire::rules {

inline constexpr int lowest_priority = -100;
inline constexpr int highest_priority = 100;
inline constexpr int most_attempts = 1'000'000;
inline constexpr std::size_t longest_name_bytes = 200;
inline constexpr std::size_t most_baggage_bytes = 8192;
inline constexpr std::size_t most_tags = 20;
inline constexpr std::size_t longest_tag_bytes = 100;
inline constexpr int most_at_once = 1'000'000;

// Parameters of Portfire's own; users' names may not begin so.
inline constexpr std::string_view reserved_prefix = "portfire.";
inline constexpr const char* attempts_parameter = "portfire.attempts";
inline constexpr const char* timeout_parameter = "portfire.timeout_us";
inline constexpr const char* start_within_parameter = "portfire.start_within_us";
inline constexpr const char* retention_parameter = "portfire.retention_us";
inline constexpr const char* baggage_parameter = "portfire.baggage";
inline constexpr const char* display_name_parameter = "portfire.display_name";
inline constexpr const char* parents_parameter = "portfire.parents";
inline constexpr const char* inputs_parameter = "portfire.inputs";
inline constexpr const char* recurring_parameter = "portfire.recurring";
inline constexpr const char* occurrence_parameter = "portfire.occurrence";
inline constexpr const char* crashes_parameter = "portfire.crashes";

// The stored name of all batches, which no handler has.
inline constexpr const char* batch_name = "portfire.batch";

[[nodiscard]] bool is_queue_name(std::string_view name);

// Each throws UsageError when the rule is broken. `field` names the value in the message.
void check_queue_name(std::string_view field, std::string_view name);
void check_job_name(std::string_view name);
void check_parameter_name(std::string_view name);
void check_range(std::string_view field, long long value, long long lowest, long long highest);
void check_span(std::string_view field, Duration value, Duration lowest, Duration highest);
void check_unique_key(const UniqueKey& unique);
void check_limit(const Limit& limit);
void check_tags(const std::vector<std::string>& tags);
void check_display_name(std::string_view name);
void check_baggage(const std::map<std::string, std::string>& baggage);
void check_new_state(const State& state);

}  // namespace portfire::rules
