// Runs seeds: many of them, or one that is told in full.
//
//   simulate [--seeds N] [--from SEED] [--threads N] [--all]
//   simulate --seed SEED [--servers N] [--clients N] [--operations N] [--faults N] [--quiet]

#include <charconv>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>

#include "simulation/campaign.hpp"
#include "simulation/world.hpp"

namespace portfire::simulation {
namespace {

using Arguments = std::map<std::string, std::uint64_t>;

int usage() {
  std::fputs(
      "usage: simulate [--seeds N] [--from SEED] [--threads N] [--all]\n"
      "       simulate --seed SEED [--servers N] [--clients N] [--operations N] [--faults N]\n"
      "                [--quiet]\n",
      stderr);
  return 2;
}

bool read(int count, char** words, Arguments& arguments) {
  for (int i = 1; i < count; ++i) {
    const std::string name = words[i];
    if (name == "--quiet" || name == "--all") {
      arguments[name] = 1;
      continue;
    }
    if (++i == count) return false;
    const char* const text = words[i];
    const char* const end = text + std::strlen(text);
    const auto [read_to, error] = std::from_chars(text, end, arguments[name]);
    if (error != std::errc{} || read_to != end) return false;
  }
  return true;
}

int replay(const Arguments& arguments) {
  Scenario scenario{.seed = arguments.at("--seed")};
  const auto limit = [&](const char* name, auto& value) {
    const auto found = arguments.find(name);
    if (found != arguments.end()) value = static_cast<std::decay_t<decltype(value)>>(found->second);
  };
  limit("--servers", scenario.servers);
  limit("--clients", scenario.clients);
  limit("--operations", scenario.operations);
  limit("--faults", scenario.faults);
  const Report report = simulate(scenario, arguments.contains("--quiet") ? nullptr : stdout);
  std::printf("%s\n", described(scenario, report).c_str());
  return report.violation.empty() ? 0 : 1;
}

}  // namespace
}  // namespace portfire::simulation

int main(int count, char** words) {
  using namespace portfire::simulation;
  Arguments arguments;
  if (!read(count, words, arguments)) return usage();
  prepare();
  if (arguments.contains("--seed")) return replay(arguments);
  arguments.try_emplace("--seeds", 10'000);
  arguments.try_emplace("--from", 1);
  arguments.try_emplace("--threads", 1);
  const Campaign campaign = run_seeds({.from = arguments.at("--from"),
                                       .count = arguments.at("--seeds"),
                                       .threads = static_cast<unsigned>(arguments.at("--threads")),
                                       .goes_on = arguments.contains("--all")},
                                      stdout);
  std::printf("%s\n", described(campaign).c_str());
  return campaign.failure.empty() ? 0 : 1;
}
