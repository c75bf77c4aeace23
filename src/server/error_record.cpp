#include "server/error_record.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <typeinfo>
#include <vector>

#include "client/text.hpp"
#include "crash/names.hpp"

namespace portfire::server {

namespace {

struct Link {
  std::string type;
  std::string message;
  std::vector<std::string> stack = {};
};

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

void collect(const std::exception_ptr& error, StackTracer* tracer, std::vector<Link>& chain) {
  constexpr std::size_t deepest = 20;
  if (error == nullptr || chain.size() == deepest) return;
  std::exception_ptr inner;
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    chain.push_back({plain_type(current_type()), exception.what()});
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
  if (tracer != nullptr) chain.back().stack = tracer->stack_of(error);
  collect(inner, tracer, chain);
}

nlohmann::json json_of(const Link& link) {
  nlohmann::json object{{"type", link.type}, {"message", link.message}};
  if (!link.stack.empty()) object["stack"] = link.stack;
  return object;
}

std::optional<ErrorRecord> record_brought(const std::exception_ptr& error) {
  if (error == nullptr) return std::nullopt;
  try {
    std::rethrow_exception(error);
  } catch (const Recorded& recorded) {
    return recorded.record();
  } catch (...) {
    return std::nullopt;
  }
}

}  // namespace

std::vector<std::string> bounded_stack(const std::vector<std::string>& stack, std::size_t& bytes) {
  constexpr std::size_t most_frames = 64;
  constexpr std::size_t longest_frame = 500;
  std::vector<std::string> bounded;
  for (const std::string& frame : stack) {
    std::string text = shorten(frame, longest_frame);
    if (bounded.size() == most_frames || text.size() > bytes) {
      bounded.emplace_back("…");
      break;
    }
    bytes -= text.size();
    bounded.push_back(std::move(text));
  }
  return bounded;
}

ErrorRecord record_error(const std::exception_ptr& error, std::size_t limit, StackTracer* tracer) {
  if (auto recorded = record_brought(error)) return std::move(*recorded);
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
