#pragma once

// What a request asks for: the path in its parts, and the query.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/time.hpp>

namespace portfire::dashboard {

// The query of a target, decoded. Every getter throws `Refusal` 400 that names the parameter, its
// value and the rule.
class Query {
 public:
  void add(std::string name, std::string value);

  // Refuses names that are not among these, so that a misspelt filter does not show everything.
  void check_names(const std::vector<std::string_view>& known) const;

  // Empty when it is not there.
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] std::uint64_t number(std::string_view name, std::uint64_t otherwise,
                                     std::uint64_t lowest, std::uint64_t highest) const;
  [[nodiscard]] std::optional<TimePoint> instant(std::string_view name) const;
  [[nodiscard]] std::optional<Duration> microseconds(std::string_view name) const;

  template <class IdType>
  [[nodiscard]] std::optional<IdType> id(std::string_view name) const {
    const std::string* value = find(name);
    if (value == nullptr || value->empty()) return std::nullopt;
    const auto parsed = parse_id<IdType>(*value);
    if (!parsed) refuse(name, *value, "must be an id such as 01930f3c-8e4b-7c21-9a55-0123456789ab");
    return parsed;
  }

 private:
  [[nodiscard]] const std::string* find(std::string_view name) const;
  [[noreturn]] static void refuse(std::string_view name, const std::string& value,
                                  const std::string& rule);

  std::vector<std::pair<std::string, std::string>> parameters_;
};

struct Target {
  std::vector<std::string> path;  // decoded, without empty parts at the ends
  Query query;
};

// Reads a target below the prefix. Returns nothing when it lies elsewhere; throws `Refusal` 400
// when it is malformed.
std::optional<Target> read_target(std::string_view target, std::string_view prefix);

// `%41` → `A`; nothing for malformed text, and for encoded zeros.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank);

}  // namespace portfire::dashboard
