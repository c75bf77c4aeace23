#include "dashboard/call.hpp"

#include <algorithm>

#include "dashboard/refusal.hpp"

namespace portfire::dashboard {

namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& rule) {
  throw Refusal{400, "Field \"" + name + "\" " + rule};
}

const std::string& text_in(const char* name, const nlohmann::json& value) {
  if (!value.is_string()) refuse(name, "must be a text");
  return value.get_ref<const std::string&>();
}

const char* title_of(int status) {
  switch (status) {
    case 400: return "Bad request";
    case 401: return "Unauthorised";
    case 403: return "Forbidden";
    case 404: return "Not found";
    case 405: return "Method not allowed";
    case 409: return "Conflict";
    case 413: return "Too large";
    case 415: return "Unsupported media type";
    case 422: return "Unprocessable";
    case 429: return "Too many requests";
    case 503: return "The storage does not answer";
    default: return "Internal error";
  }
}

// Stored text may be anything; what is no UTF-8 is replaced.
std::string dumped(const Json& body) {
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

HttpResponse text_response(int status, std::string type, std::string body) {
  return {
      .status = status, .headers = {{"Content-Type", std::move(type)}}, .body = std::move(body)};
}

HttpResponse json_response(int status, const Json& body) {
  return text_response(status, "application/json", dumped(body));
}

HttpResponse problem(int status, const std::string& detail) {
  return text_response(status, "application/problem+json",
                       dumped({{"type", "about:blank"},
                               {"title", title_of(status)},
                               {"status", status},
                               {"detail", detail}}));
}

Fields::Fields(const HttpRequest& request) {
  if (request.body.empty()) return;
  if (!request.header("Content-Type").starts_with("application/json")) {
    throw Refusal{415, "The body must be JSON: send Content-Type: application/json"};
  }
  object_ = nlohmann::json::parse(request.body, nullptr, false);
  if (!object_.is_object()) throw Refusal{400, "The body must be one JSON object"};
}

void Fields::check_names(const std::vector<std::string_view>& known) const {
  for (const auto& [name, value] : object_.items()) {
    if (std::ranges::find(known, name) != known.end()) continue;
    std::string list;
    for (const auto one : known) list += (list.empty() ? "" : ", ") + std::string{one};
    refuse(name, "is not known here; known ones are " + list);
  }
}

const nlohmann::json* Fields::find(const char* name) const {
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

std::string Fields::text(const char* name) const {
  const nlohmann::json* value = find(name);
  return value == nullptr ? std::string{} : text_in(name, *value);
}

bool Fields::flag(const char* name) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return false;
  if (!value->is_boolean()) refuse(name, "must be true or false");
  return value->get<bool>();
}

std::optional<TimePoint> Fields::instant(const char* name) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto instant = parse_time(text_in(name, *value));
  if (!instant) refuse(name, "must be an instant such as 2026-11-21T09:00:00Z");
  return instant;
}

std::optional<Duration> Fields::microseconds(const char* name) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return std::nullopt;
  constexpr std::int64_t century_us = 100LL * 365 * 24 * 3600 * 1'000'000;
  const bool is_whole = value->is_number_integer();
  const bool is_in_range =
      is_whole && (value->is_number_unsigned() ? value->get<std::uint64_t>() <= century_us
                                               : value->get<std::int64_t>() >= 0);
  if (!is_in_range) refuse(name, "must be a whole number of microseconds, at most a century");
  return Duration{value->get<std::int64_t>()};
}

std::vector<std::string> Fields::texts(const char* name) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return {};
  if (!value->is_array()) refuse(name, "must be a list of texts");
  std::vector<std::string> texts;
  for (const nlohmann::json& item : *value) texts.push_back(text_in(name, item));
  return texts;
}

std::vector<std::pair<std::string, std::string>> Fields::pairs(const char* name) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return {};
  if (!value->is_object()) refuse(name, "must be an object of texts");
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [key, item] : value->items()) pairs.emplace_back(key, text_in(name, item));
  return pairs;
}

}  // namespace portfire::dashboard
