#include "server/error_record.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <typeinfo>
#include <vector>

#include "client/text.hpp"

namespace portfire::server {

namespace {

struct Link {
  std::string type;
  std::string message;
};

std::string demangled(const char* name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text{
      abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free};
  return status == 0 ? text.get() : name;
}

std::string current_type() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  return type == nullptr ? "unknown" : demangled(type->name());
}

// A wrapper made by std::throw_with_nested is shown as the type that it wraps.
std::string plain_type(std::string type) {
  constexpr std::string_view prefix = "std::_Nested_exception<";
  if (type.starts_with(prefix) && type.ends_with('>')) {
    type = type.substr(prefix.size(), type.size() - prefix.size() - 1);
  }
  return type;
}

void collect(const std::exception_ptr& error, std::vector<Link>& chain) {
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
  collect(inner, chain);
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

ErrorRecord record_error(const std::exception_ptr& error, std::size_t limit) {
  if (auto recorded = record_brought(error)) return std::move(*recorded);
  std::vector<Link> chain;
  collect(error, chain);
  if (chain.empty()) chain.push_back({"unknown", ""});
  std::size_t left = limit;
  for (Link& link : chain) {
    link.message = shorten(link.message, left);
    left -= std::min(left, link.message.size());
  }
  nlohmann::json data{{"type", chain.front().type}, {"message", chain.front().message}};
  for (std::size_t i = 1; i < chain.size(); ++i) {
    data["nested"].push_back({{"type", chain[i].type}, {"message", chain[i].message}});
  }
  return {.type = chain.front().type, .message = chain.front().message, .data = data.dump()};
}

}  // namespace portfire::server
