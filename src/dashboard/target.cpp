#include "dashboard/target.hpp"

#include <algorithm>
#include <charconv>

#include "dashboard/refusal.hpp"

namespace portfire::dashboard {

namespace {

std::optional<unsigned> hex_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

std::string decoded_or_refused(std::string_view text, bool plus_is_blank) {
  auto decoded = percent_decoded(text, plus_is_blank);
  if (!decoded) throw Refusal{400, "The target is malformed: \"%\" stands before two hex digits"};
  return std::move(*decoded);
}

void read_path(std::string_view path, Target& target) {
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) target.path.push_back(decoded_or_refused(path.substr(0, slash), false));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
}

void read_query(std::string_view query, Target& target) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (!pair.empty()) {
      const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
      target.query.add(decoded_or_refused(pair.substr(0, equals), true),
                       decoded_or_refused(value, true));
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '+' && plus_is_blank) {
      decoded += ' ';
    } else if (text[at] != '%') {
      decoded += text[at];
    } else {
      const auto high = at + 2 < text.size() ? hex_value(text[at + 1]) : std::nullopt;
      const auto low = at + 2 < text.size() ? hex_value(text[at + 2]) : std::nullopt;
      if (!high || !low || (*high == 0 && *low == 0)) return std::nullopt;
      decoded += static_cast<char>(*high * 16 + *low);
      at += 2;
    }
  }
  return decoded;
}

std::optional<Target> read_target(std::string_view target, std::string_view prefix) {
  const std::size_t question = std::min(target.find('?'), target.size());
  std::string_view path = target.substr(0, question);
  if (!path.starts_with(prefix)) return std::nullopt;
  path.remove_prefix(prefix.size());
  if (!path.empty() && path.front() != '/') return std::nullopt;
  Target read;
  read_path(path, read);
  read_query(target.substr(std::min(question + 1, target.size())), read);
  return read;
}

void Query::add(std::string name, std::string value) {
  parameters_.emplace_back(std::move(name), std::move(value));
}

const std::string* Query::find(std::string_view name) const {
  const auto found = std::ranges::find_if(
      parameters_, [&](const auto& parameter) { return parameter.first == name; });
  return found == parameters_.end() ? nullptr : &found->second;
}

void Query::refuse(std::string_view name, const std::string& value, const std::string& rule) {
  constexpr std::size_t shown = 100;
  throw Refusal{
      400, "Parameter " + std::string{name} + " is \"" + value.substr(0, shown) + "\": " + rule};
}

void Query::check_names(const std::vector<std::string_view>& known) const {
  for (std::size_t at = 0; at < parameters_.size(); ++at) {
    const std::string& name = parameters_[at].first;
    if (std::ranges::find(known, name) == known.end()) {
      std::string list;
      for (const auto one : known) list += (list.empty() ? "" : ", ") + std::string{one};
      refuse(name, parameters_[at].second,
             known.empty() ? "there are no parameters here" : "known ones are " + list);
    }
    if (find(name) != &parameters_[at].second) {
      refuse(name, parameters_[at].second, "it was given more than once");
    }
  }
}

std::string Query::text(std::string_view name) const {
  const std::string* value = find(name);
  return value == nullptr ? std::string{} : *value;
}

std::uint64_t Query::number(std::string_view name, std::uint64_t otherwise, std::uint64_t lowest,
                            std::uint64_t highest) const {
  const std::string* value = find(name);
  if (value == nullptr || value->empty()) return otherwise;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error != std::errc{} || end != value->data() + value->size() || number < lowest ||
      number > highest) {
    refuse(
        name, *value,
        "must be a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest));
  }
  return number;
}

std::optional<TimePoint> Query::instant(std::string_view name) const {
  const std::string* value = find(name);
  if (value == nullptr || value->empty()) return std::nullopt;
  const auto instant = parse_time(*value);
  if (!instant) refuse(name, *value, "must be an instant such as 2026-11-21T09:00:00Z");
  return instant;
}

std::optional<Duration> Query::microseconds(std::string_view name) const {
  if (text(name).empty()) return std::nullopt;
  constexpr std::uint64_t century_us = 100ULL * 365 * 24 * 3600 * 1'000'000;
  return Duration{static_cast<Duration::rep>(number(name, 0, 0, century_us))};
}

}  // namespace portfire::dashboard
