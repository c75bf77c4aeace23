#include "server/error_record.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <typeinfo>
#include <vector>

#include "client/text.hpp"
#include "crash/names.hpp"
#include "crash/stack.hpp"

namespace portfire::server {

namespace {

struct Link {
  std::string type;
  std::string message;
  std::vector<std::string> stack = {};
  nlohmann::json more = nlohmann::json::object();  // what else its record says
};

constexpr std::size_t deepest = 20;

std::string current_type() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  return type == nullptr ? "unknown" : crash::demangled(type->name());
}

// A wrapper made by std::throw_with_nested is shown as the type that it wraps.
std::string plain_type(std::string type) {
  constexpr std::string_view prefix = "std::_Nested_exception<";
  if (type.starts_with(prefix) && type.ends_with('>')) {
    type = type.substr(prefix.size(), type.size() - prefix.size() - 1);
  }
  return type;
}

std::string text_of(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : std::string{};
}

// Whatever another process has sent, this reads it.
Link link_of(const nlohmann::json& record) {
  Link link;
  for (const auto& [name, value] : record.items()) {
    if (name == "type") {
      link.type = text_of(value);
    } else if (name == "message") {
      link.message = text_of(value);
    } else if (name == "stack") {
      for (const auto& frame : value) link.stack.push_back(text_of(frame));
    } else if (name != "nested") {
      link.more[name] = value;
    }
  }
  return link;
}

// Of an exception that was thrown elsewhere: with what was nested in it there.
void add_record(const ErrorRecord& record, std::vector<Link>& chain) {
  const auto data = nlohmann::json::parse(record.data, nullptr, false);
  if (!data.is_object()) {
    chain.push_back({record.type, record.message});
    return;
  }
  chain.push_back(link_of(data));
  const auto nested = data.find("nested");
  if (nested == data.end()) return;
  for (const auto& link : *nested) {
    if (chain.size() < deepest) chain.push_back(link_of(link));
  }
}

void collect(const std::exception_ptr& error, StackTracer* tracer, std::vector<Link>& chain) {
  if (error == nullptr || chain.size() == deepest) return;
  std::exception_ptr inner;
  bool is_recorded = false;
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    const auto* recorded = dynamic_cast<const Recorded*>(&exception);
    is_recorded = recorded != nullptr;
    if (is_recorded) {
      add_record(recorded->record(), chain);
    } else {
      chain.push_back({plain_type(current_type()), exception.what()});
    }
    if (const auto* nested = dynamic_cast<const std::nested_exception*>(&exception)) {
      inner = nested->nested_ptr();
    }
  } catch (const std::string& text) {
    chain.push_back({"std::string", text});
  } catch (const char* text) {
    chain.push_back({"const char*", text});
  } catch (...) {
    chain.push_back({current_type(), ""});
  }
  if (tracer != nullptr && !is_recorded) chain.back().stack = tracer->stack_of(error);
  collect(inner, tracer, chain);
}

nlohmann::json json_of(const Link& link) {
  nlohmann::json object = link.more;
  object["type"] = link.type;
  object["message"] = link.message;
  if (!link.stack.empty()) object["stack"] = link.stack;
  return object;
}

}  // namespace

std::vector<std::string> bounded_stack(const std::vector<std::string>& stack, std::size_t& bytes) {
  constexpr std::size_t longest_frame = 500;
  std::vector<std::string> bounded;
  for (const std::string& frame : stack) {
    std::string text = shorten(frame, longest_frame);
    if (bounded.size() == crash::most_frames || text.size() > bytes) {
      bounded.emplace_back("…");
      break;
    }
    bytes -= text.size();
    bounded.push_back(std::move(text));
  }
  return bounded;
}

ErrorRecord record_error(const std::exception_ptr& error, std::size_t limit, StackTracer* tracer) {
  std::vector<Link> chain;
  collect(error, tracer, chain);
  if (chain.empty()) chain.push_back({"unknown", ""});
  std::size_t left = limit;
  std::size_t stack_bytes = most_stack_bytes;
  for (Link& link : chain) {
    link.stack = bounded_stack(link.stack, stack_bytes);
    link.message = shorten(link.message, left);
    left -= std::min(left, link.message.size());
  }
  nlohmann::json data = json_of(chain.front());
  for (std::size_t i = 1; i < chain.size(); ++i) data["nested"].push_back(json_of(chain[i]));
  return {.type = chain.front().type, .message = chain.front().message, .data = data.dump()};
}

}  // namespace portfire::server
