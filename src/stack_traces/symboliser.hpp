#pragma once

// From places in machine code to functions, files and lines, by the debug information of the files.

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include <portfire/stack_tracer.hpp>

namespace portfire::tracing {

// Keeps the files that it has looked into open, and remembers what it has found. Threads: any.
class Symboliser {
 public:
  Symboliser();
  ~Symboliser();

  // What was inlined comes before what it was inlined into.
  std::vector<std::string> describe(std::span<const CodeLocation> locations);

 private:
  class Module;
  using Key = std::tuple<std::string, std::uint64_t, std::string>;

  const std::vector<std::string>& frames_at(const CodeLocation& location);
  Module& module_of(const CodeLocation& location);

  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Module>> modules_;  // guarded
  std::map<Key, std::vector<std::string>> known_;                                   // guarded
};

}  // namespace portfire::tracing
