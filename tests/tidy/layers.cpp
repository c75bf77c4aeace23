// The layers, which of them each may include, and where foreign libraries may appear. A new edge is
// a decision about the design: make it here, visibly, or not at all.

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "tidy/rules.hpp"
#include "tidy/source_text.hpp"

namespace portfire::tidy {
namespace {

using Names = std::set<std::string_view>;

struct Layer {
  Names paths;          ///< files, or directories with a slash at the end; the longest match counts
  Names sees;           ///< layers besides itself
  Names foreign = {};   ///< headers, or their directories, from neither C++, the system nor here
  bool system = false;  ///< may use POSIX and Linux headers
};

constexpr std::string_view json = "nlohmann/json.hpp";
constexpr std::string_view anything = "*";
const Names network = {"boost/asio/", "hiredis/", "openssl/", json};
const Names web = {"boost/asio/", "boost/beast/", "boost/regex.hpp", "openssl/", json};

// Headers that the build writes.
const Names generated = {"embedded_lua.hpp", "embedded_sql.hpp"};

Names with(Names names, const Names& more) {
  names.insert(more.begin(), more.end());
  return names;
}

const Names contract = {"model api", "runtime api", "storage api"};
const Names driver = with(contract, {"model", "storage common"});
const Names driver_apis = {"memory api", "sqlite api", "postgresql api", "redis api"};
const Names client_api = with(contract, {"client api"});
const Names public_api =
    with(with(client_api, driver_apis), {"server api", "dashboard api", "testing api", "umbrella"});

using Layers = std::map<std::string_view, Layer>;

Layers public_headers() {
  return {
      {"model api",
       {{"include/portfire/error.hpp", "include/portfire/id.hpp", "include/portfire/state.hpp",
         "include/portfire/time.hpp", "include/portfire/time_zone.hpp", "include/portfire/cron.hpp",
         "include/portfire/detail/", "include/portfire/version.hpp",
         "include/portfire/schedule.hpp", "include/portfire/storage/recurring.hpp",
         "include/portfire/storage/unit.hpp", "include/portfire/storage/job_store.hpp"},
        {}}},
      {"runtime api",
       {{"include/portfire/runtime.hpp", "include/portfire/log.hpp"}, {"model api"}}},
      {"storage api",
       {{"include/portfire/storage/", "include/portfire/open.hpp"}, {"model api", "runtime api"}}},
      {"client api", {{"include/portfire/"}, contract, {json}}},
      {"server api",
       {{"include/portfire/server.hpp", "include/portfire/background_process.hpp",
         "include/portfire/stack_tracer.hpp"},
        client_api,
        {json}}},
      {"dashboard api",
       {{"include/portfire/dashboard.hpp", "include/portfire/dashboard_access.hpp",
         "include/portfire/http.hpp"},
        client_api,
        {json}}},
      {"stack traces api", {{"include/portfire/stack_traces.hpp"}, {"server api"}}},
      {"umbrella",
       {{"include/portfire/portfire.hpp"}, with(client_api, {"server api", "memory api"})}},
      {"memory api", {{"include/portfire/memory.hpp"}, contract}},
      {"sqlite api", {{"include/portfire/sqlite.hpp"}, contract}},
      {"postgresql api", {{"include/portfire/postgresql.hpp"}, contract}},
      {"redis api", {{"include/portfire/redis.hpp"}, contract}},
      {"testing api", {{"include/portfire/testing/"}, with(client_api, {"memory api"})}},
      {"conformance api",
       {{"include/portfire/testing/conformance.hpp"}, with(contract, {"testing api"}), {"gtest/"}}},
  };
}

Layers library() {
  return {
      {"model", {{"src/model/"}, {"model api"}}},
      {"runtime",
       {{"src/runtime/"}, {"model api", "runtime api"}, {"absl/time/", "spdlog/"}, true}},
      {"client", {{"src/client/"}, with(client_api, {"model"}), {json}}},
      {"views", {{"src/views/"}, client_api, {json}}},
      {"crash",
       {{"src/crash/"}, with(contract, {"server api", "model", "runtime"}), {"unwind.h"}, true}},
      {"stack traces",
       {{"src/stack_traces/"},
        {"server api", "stack traces api", "crash"},
        {"dwarf.h", "elfutils/", "unwind.h"},
        true}},
      {"server",
       {{"src/server/"},
        with(client_api, {"server api", "model", "runtime", "client", "crash"}),
        {json},
        true}},
      {"dashboard",
       {{"src/dashboard/"},
        with(client_api, {"dashboard api", "model", "client", "views"}),
        web,
        true}},
      {"storage common", {{"src/storage/common/"}, with(contract, {"model"}), {json}}},
      {"storage sql", {{"src/storage/sql/"}, with(contract, {"model", "storage common"})}},
      {"memory", {{"src/storage/memory/"}, with(driver, {"memory api"})}},
      {"sqlite",
       {{"src/storage/sqlite/"},
        with(driver, {"sqlite api", "storage sql"}),
        {"sqlite3.h", json},
        true}},
      {"postgresql",
       {{"src/storage/postgresql/"}, with(driver, {"postgresql api"}), {"libpq-fe.h", json}, true}},
      {"redis", {{"src/storage/redis/"}, with(driver, {"redis api"}), network, true}},
      {"drivers", {{"src/drivers/"}, with(contract, driver_apis)}},
      {"testing", {{"src/testing/"}, with(driver, {"testing api", "memory api", "memory"})}},
      {"conformance",
       {{"src/testing/conformance/"},
        with(driver, {"testing api", "conformance api"}),
        {"gtest/", json}}},
  };
}

Layers programs() {
  return {
      {"cli",
       {{"src/cli/"}, with(public_api, {"bench", "runtime", "views"}), {"CLI/", json}, true}},
      {"bench", {{"bench/"}, public_api, {anything}, true}},
      {"examples", {{"examples/"}, public_api, {anything}, true}},
      {"tests",
       {{"tests/"},
        with(public_api, {"conformance api",
                          "model",
                          "runtime",
                          "client",
                          "server",
                          "storage common",
                          "storage sql",
                          "memory",
                          "sqlite",
                          "postgresql",
                          "redis",
                          "drivers",
                          "testing",
                          "conformance",
                          "crash",
                          "stack traces",
                          "stack traces api",
                          "dashboard",
                          "views",
                          "cli",
                          "bench",
                          "examples"}),
        {anything},
        true}},
  };
}

const Layers& layers() {
  static const Layers table = [] {
    Layers all = public_headers();
    all.merge(library());
    all.merge(programs());
    return all;
  }();
  return table;
}

bool covers(std::string_view pattern, std::string_view path) {
  return pattern.ends_with('/') ? path.starts_with(pattern) : path == pattern;
}

std::optional<std::string_view> layer_of(std::string_view path) {
  std::optional<std::string_view> best;
  std::size_t best_size = 0;
  for (const auto& [name, layer] : layers()) {
    for (const auto pattern : layer.paths) {
      if (!covers(pattern, path) || pattern.size() <= best_size) continue;
      best = name;
      best_size = pattern.size();
    }
  }
  return best;
}

bool is_standard(std::string_view name) {
  const auto allowed = [](char character) {
    return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') ||
           character == '_';
  };
  return std::ranges::all_of(name, allowed);
}

bool is_system(std::string_view name) {
  static const Names plain = {"cxxabi.h", "dlfcn.h",  "elf.h",     "errno.h",    "fcntl.h",
                              "link.h",   "poll.h",   "pthread.h", "pwd.h",      "signal.h",
                              "spawn.h",  "stdlib.h", "time.h",    "ucontext.h", "unistd.h"};
  return plain.contains(name) || name.starts_with("sys/") || name.starts_with("linux/") ||
         name.starts_with("arpa/");
}

struct Include {
  std::string_view name;
  bool quoted = false;
};

std::optional<Include> include_in(std::string_view line) {
  const auto trim = [&line] {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  };
  trim();
  if (!line.starts_with('#')) return std::nullopt;
  line.remove_prefix(1);
  trim();
  if (!line.starts_with("include")) return std::nullopt;
  line.remove_prefix(7);
  trim();
  if (line.empty() || (line.front() != '<' && line.front() != '"')) return std::nullopt;
  const bool quoted = line.front() == '"';
  const auto end = line.find(quoted ? '"' : '>', 1);
  if (end == std::string_view::npos) return std::nullopt;
  return Include{line.substr(1, end - 1), quoted};
}

// The path in the tree that an include names, looked up where our targets look.
std::optional<std::string> resolve(const Tree& tree, std::string_view from, std::string_view name) {
  const auto directory = std::filesystem::path{from}.parent_path();
  for (const auto& base :
       {directory, std::filesystem::path{"include"}, std::filesystem::path{"src"},
        std::filesystem::path{"tests"}, std::filesystem::path{}}) {
    auto path = (base / name).lexically_normal().generic_string();
    if (tree.contains(path)) return path;
  }
  return std::nullopt;
}

// What is wrong with an include of `name` in the file `from`; empty when nothing is.
std::string objection(const Tree& tree, const std::string& from, const Include& include) {
  const auto layer_name = layer_of(from);
  if (!layer_name) return "this file is in no layer; add its directory to tests/tidy/layers.cpp";
  const auto& layer = layers().at(*layer_name);
  const auto name = std::string{include.name};

  if (generated.contains(include.name)) return {};
  if (include.quoted || include.name.starts_with("portfire/")) {
    const auto target = resolve(tree, from, include.name);
    if (!target) return "`" + name + "` names no file of this project";
    const auto target_layer = layer_of(*target);
    if (!target_layer) return "`" + name + "` is in no layer";
    if (*target_layer == *layer_name || layer.sees.contains(*target_layer)) return {};
    return std::string{*layer_name} + " must not see " + std::string{*target_layer} + " (`" + name +
           "`)";
  }
  if (is_standard(include.name)) return {};
  if (is_system(include.name) && layer.system) return {};
  const bool is_allowed = std::ranges::any_of(layer.foreign, [&](std::string_view pattern) {
    return pattern == anything || covers(pattern, include.name);
  });
  if (is_allowed) return {};
  return std::string{*layer_name} + " must not see the foreign header `" + name + "`";
}

}  // namespace

std::vector<Finding> check_includes(const Tree& tree) {
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    if (!is_cpp(path)) continue;
    const auto code = code_of(text);
    const auto lines = lines_of(text);
    const auto code_lines = lines_of(code);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      // The code says whether the line is alive, the text what it names.
      if (!include_in(lines[i]) || code_lines[i].find('#') == std::string_view::npos) continue;
      auto message = objection(tree, path, *include_in(lines[i]));
      if (!message.empty()) findings.push_back({path, i + 1, std::move(message)});
    }
  }
  return findings;
}

std::vector<Finding> check_include_guards(const Tree& tree) {
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    if (!path.ends_with(".hpp")) continue;
    if (code_of(text).find("#pragma once") == std::string::npos) {
      findings.push_back({path, 1, "has no `#pragma once`"});
    }
  }
  return findings;
}

}  // namespace portfire::tidy
