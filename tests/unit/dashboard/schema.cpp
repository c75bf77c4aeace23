#include "unit/dashboard/schema.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/time.hpp>

namespace portfire::dashboard {

namespace {

using Value = nlohmann::json;

const Value& resolved(const Value& description, const Value& node) {
  if (!node.contains("$ref")) return node;
  const auto pointer = node.at("$ref").get<std::string>().substr(1);
  return description.at(Value::json_pointer{pointer});
}

bool is_of_type(const std::string& type, const Value& value) {
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  return type == "null" && value.is_null();
}

bool is_of_types(const Value& types, const Value& value) {
  if (types.is_string()) return is_of_type(types.get<std::string>(), value);
  return std::ranges::any_of(
      types, [&](const Value& type) { return is_of_type(type.get<std::string>(), value); });
}

std::string complaint_about_object(const Value& description, const Value& schema,
                                   const Value& value, const std::string& where) {
  const Value properties = schema.value("properties", Value::object());
  for (const Value& name : schema.value("required", Value::array())) {
    if (!value.contains(name.get<std::string>())) return where + " lacks " + name.dump();
  }
  for (const auto& [name, item] : value.items()) {
    const std::string place = where + "." + name;
    const Value* rule = properties.contains(name) ? &properties.at(name) : nullptr;
    if (rule == nullptr) {
      const auto others = schema.find("additionalProperties");
      if (others == schema.end() || !others->is_object()) return place + " is not described";
      rule = &*others;
    }
    if (auto complaint = complaint_about(description, *rule, item, place); !complaint.empty()) {
      return complaint;
    }
  }
  return {};
}

std::string complaint_about_text(const Value& schema, const Value& value,
                                 const std::string& where) {
  const auto text = value.get<std::string>();
  const auto format = schema.value("format", "");
  if (format == "date-time" && !parse_time(text)) return where + " is no instant: " + text;
  if (format == "uuid" && !parse_id<JobId>(text)) return where + " is no id: " + text;
  if (!schema.contains("enum")) return {};
  const Value& words = schema.at("enum");
  return std::ranges::find(words, value) == words.end() ? where + " is " + text : std::string{};
}

std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  std::istringstream stream{path};
  for (std::string part; std::getline(stream, part, '/');) parts.push_back(part);
  return parts;
}

bool matches(const std::string& pattern, const std::string& path) {
  const auto wanted = parts_of(pattern);
  const auto given = parts_of(path);
  return std::ranges::equal(wanted, given, [](const std::string& a, const std::string& b) {
    return a == b || (a.starts_with('{') && !b.empty());
  });
}

}  // namespace

std::string complaint_about(const Value& description, const Value& schema, const Value& value,
                            const std::string& where) {
  const Value& rule = resolved(description, schema);
  static const std::set<std::string> known = {"type",   "description", "properties",
                                              "items",  "required",    "additionalProperties",
                                              "format", "enum",        "oneOf"};
  for (const auto& [word, meaning] : rule.items()) {
    if (!known.contains(word)) return where + ": the description uses " + word;
  }
  if (rule.contains("oneOf")) {
    const Value& choices = rule.at("oneOf");
    const bool fits = std::ranges::any_of(choices, [&](const Value& choice) {
      return complaint_about(description, choice, value, where).empty();
    });
    return fits ? std::string{} : where + " is none of those described";
  }
  if (!is_of_types(rule.at("type"), value)) {
    return where + " is not of type " + rule.at("type").dump() + ": " + value.dump().substr(0, 80);
  }
  if (value.is_object()) return complaint_about_object(description, rule, value, where);
  if (value.is_string()) return complaint_about_text(rule, value, where);
  if (!value.is_array()) return {};
  for (std::size_t at = 0; at < value.size(); ++at) {
    const std::string place = where + "[" + std::to_string(at) + "]";
    auto complaint = complaint_about(description, rule.at("items"), value[at], place);
    if (!complaint.empty()) return complaint;
  }
  return {};
}

std::string complaint_about_answer(const Value& description, const std::string& method,
                                   const std::string& path, int status, const std::string& type,
                                   const std::string& body) {
  std::string verb = method;
  std::ranges::transform(verb, verb.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const auto& [pattern, operations] : description.at("paths").items()) {
    if (!matches(pattern, "/" + path) || !operations.contains(verb)) continue;
    const Value& responses = operations.at(verb).at("responses");
    const std::string code = std::to_string(status);
    if (!responses.contains(code)) return method + " " + path + ": status " + code;
    const Value& contents = resolved(description, responses.at(code)).at("content");
    if (!contents.contains(type)) return method + " " + path + ": type " + type;
    const Value& content = contents.at(type);
    if (!content.contains("schema")) return {};
    return complaint_about(description, content.at("schema"), Value::parse(body),
                           method + " " + path);
  }
  return method + " " + path + " is not described";
}

}  // namespace portfire::dashboard
