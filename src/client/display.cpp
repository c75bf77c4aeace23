#include <portfire/display.hpp>

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "client/text.hpp"
#include "model/rules.hpp"

namespace portfire {

namespace {

nlohmann::json parameter(const JobSummary& job, const std::string& name) {
  const auto found = job.parameters.find(name);
  if (found == job.parameters.end()) return nullptr;
  return nlohmann::json::parse(found->second, nullptr, false);
}

// `{12}` at the beginning of the text: the number, and how long it is.
struct Placeholder {
  std::size_t index = 0;
  std::size_t length = 0;
};

std::optional<Placeholder> placeholder_at(std::string_view text) {
  constexpr std::size_t most_digits = 3;
  Placeholder found{.length = 1};
  while (found.length < text.size() && found.length <= most_digits) {
    const char c = text[found.length];
    if (c < '0' || c > '9') break;
    found.index = found.index * 10 + static_cast<std::size_t>(c - '0');
    ++found.length;
  }
  const bool closed = found.length > 1 && found.length < text.size() && text[found.length] == '}';
  if (!closed) return std::nullopt;
  ++found.length;
  return found;
}

std::string text_of(const nlohmann::json& value) {
  constexpr std::size_t longest = 100;
  const std::string text =
      value.is_string() ? value.get<std::string>()
                        : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return shorten(text, longest);
}

std::string fill_in_arguments(std::string_view pattern, std::string_view arguments) {
  const nlohmann::json values = nlohmann::json::parse(arguments, nullptr, false);
  std::string text;
  while (!pattern.empty()) {
    const auto placeholder = pattern.front() == '{' ? placeholder_at(pattern) : std::nullopt;
    if (placeholder && values.is_array() && placeholder->index < values.size()) {
      text += text_of(values[placeholder->index]);
      pattern.remove_prefix(placeholder->length);
    } else {
      text += pattern.front();
      pattern.remove_prefix(1);
    }
  }
  return text;
}

}  // namespace

std::string display_name(const JobSummary& job) {
  const nlohmann::json pattern = parameter(job, rules::display_name_parameter);
  if (!pattern.is_string()) return job.name;
  return fill_in_arguments(pattern.get<std::string>(), job.arguments);
}

std::optional<Duration> time_left(const JobDetails& batch, TimePoint now) {
  if (!batch.members || batch.kind != StateKind::waiting) return std::nullopt;
  const MemberCounts& members = *batch.members;
  const std::uint64_t ended = members.total - members.outstanding;
  if (ended == 0 || members.outstanding == 0) return std::nullopt;
  const double so_far = static_cast<double>((now - batch.created_at).count());
  return Duration{static_cast<std::int64_t>(so_far / static_cast<double>(ended) *
                                            static_cast<double>(members.outstanding))};
}

std::vector<std::string> tags(const JobSummary& job) {
  std::vector<std::string> all;
  const nlohmann::json stored = parameter(job, std::string{tags_parameter});
  if (!stored.is_array()) return all;
  for (const nlohmann::json& tag : stored) {
    if (tag.is_string()) all.push_back(tag.get<std::string>());
  }
  return all;
}

}  // namespace portfire
