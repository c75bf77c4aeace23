#pragma once

// One request of the API, understood: who asks, for what, with which words.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <portfire/dashboard_access.hpp>
#include <portfire/http.hpp>
#include <portfire/time.hpp>

#include "dashboard/target.hpp"
#include "views/values.hpp"

namespace portfire::dashboard {

using views::Json;

// The object in the body of a change. Every getter throws `Refusal` 400 that names the field.
class Fields {
 public:
  Fields() = default;
  // Throws `Refusal` 400 when the text is no JSON object, 415 when it says that it is something
  // else. No text at all is an empty object.
  explicit Fields(const HttpRequest& request);

  void check_names(const std::vector<std::string_view>& known) const;

  [[nodiscard]] bool has(const char* name) const { return find(name) != nullptr; }
  // Empty when it is not there.
  [[nodiscard]] std::string text(const char* name) const;
  [[nodiscard]] bool flag(const char* name) const;
  [[nodiscard]] std::optional<TimePoint> instant(const char* name) const;
  [[nodiscard]] std::optional<Duration> microseconds(const char* name) const;
  [[nodiscard]] std::vector<std::string> texts(const char* name) const;
  // An object of texts.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> pairs(const char* name) const;

 private:
  [[nodiscard]] const nlohmann::json* find(const char* name) const;

  nlohmann::json object_ = nlohmann::json::object();
};

struct Call {
  const HttpRequest& request;
  const Visitor& visitor;
  // What stands for the `{…}` of the route.
  std::vector<std::string> captured;
  const Query& query;
  Fields fields;
};

HttpResponse json_response(int status, const Json& body);
HttpResponse text_response(int status, std::string type, std::string body);

}  // namespace portfire::dashboard
