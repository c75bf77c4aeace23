#include <portfire/stack_traces.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "crash/module.hpp"
#include "stack_traces/symboliser.hpp"
#include "stack_traces/throw_hook.hpp"

namespace portfire {

namespace {

// The name of a function whose signature the frame begins with, without what it returns and takes.
std::string_view name_in(std::string_view frame) {
  // Template functions begin with their result; what stands in brackets has spaces too.
  constexpr std::string_view deduced = "decltype(auto) ";
  if (frame.starts_with(deduced)) frame.remove_prefix(deduced.size());
  std::size_t start = 0;
  int depth = 0;
  for (std::size_t i = 0; i < frame.size(); ++i) {
    const char letter = frame[i];
    if (letter == '<' || letter == '{') ++depth;
    if (letter == '>' || letter == '}') --depth;
    if (depth > 0) continue;
    if (letter == '(') break;
    if (letter == ' ') {
      if (frame.substr(i).starts_with(" at ") || frame.substr(i).starts_with(" in ")) break;
      start = i + 1;
    }
  }
  return frame.substr(start);
}

template <std::size_t size>
bool begins_with_any(std::string_view name, const std::array<std::string_view, size>& prefixes) {
  return std::ranges::any_of(prefixes,
                             [&](std::string_view prefix) { return name.starts_with(prefix); });
}

// What lies between the server and the handler.
bool is_server(std::string_view frame) {
  static constexpr std::array<std::string_view, 4> prefixes = {
      "std::", "portfire::detail::", "portfire::server::", "portfire::Handlers::"};
  return begins_with_any(name_in(frame), prefixes);
}

// What lies between the handler and the throw. The C++ library has cold parts without names.
bool is_throwing(std::string_view frame) {
  static constexpr std::array<std::string_view, 5> prefixes = {
      "libstdc++.so", "std::__throw_", "std::throw_with_nested", "std::__throw_with_nested_impl",
      "__cxa_"};
  return begins_with_any(name_in(frame), prefixes);
}

class Tracer final : public StackTracer {
 public:
  Tracer() { tracing::link_hooks(); }

  void enter(const void* bottom) noexcept override { tracing::note_throws(bottom); }
  void leave() noexcept override { tracing::note_throws(nullptr); }

  std::vector<std::string> stack_of(const std::exception_ptr& error) override {
    // A pointer to the exception object is all that it is, in every version of libstdc++.
    static_assert(sizeof error == sizeof(void*));
    const void* object = nullptr;
    std::memcpy(&object, static_cast<const void*>(&error), sizeof object);
    crash::Stack stack;
    if (!tracing::find_throw(object, stack)) return {};
    std::vector<CodeLocation> locations;
    for (const std::uintptr_t address : stack.frames()) {
      locations.push_back(crash::location_of(address));
    }
    std::vector<std::string> frames = describe(locations);
    const auto first = std::ranges::find_if_not(frames, is_throwing);
    if (first != frames.end()) frames.erase(frames.begin(), first);
    return frames;
  }

  std::vector<std::string> describe(std::span<const CodeLocation> locations) override {
    std::vector<std::string> frames = symboliser_.describe(locations);
    const auto last = std::find_if_not(frames.rbegin(), frames.rend(), is_server);
    // A handler that is itself a function of such a name would leave nothing.
    if (last != frames.rend()) frames.erase(last.base(), frames.end());
    return frames;
  }

 private:
  tracing::Symboliser symboliser_;
};

}  // namespace

std::shared_ptr<StackTracer> stack_traces() { return std::make_shared<Tracer>(); }

}  // namespace portfire
