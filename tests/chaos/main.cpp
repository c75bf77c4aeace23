// chaos [ENGINE …] [--seconds N] [--seed N] [--directory DIRECTORY]
//
// Server processes, an engine, a producer, and harm of all kinds for so long; then everything has
// to be as though nothing had happened. Several engines run beside each other, each in a process of
// its own; without a name all do. Ledgers, logs and SQLite's file go below the directory and stay
// there; without one, they stay where something was wrong.

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <exception>
#include <iostream>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "chaos/run.hpp"
#include "chaos/work.hpp"
#include "support/owned_process.hpp"
#include "support/temporary_directory.hpp"

namespace portfire::chaos {
namespace {

struct Options {
  std::vector<std::string> engines;
  long seconds = 60;
  std::uint64_t seed = std::random_device{}() % 1'000'000;
  std::filesystem::path directory;
};

Options read(const std::vector<std::string>& words) {
  Options options;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--seconds") {
      options.seconds = std::stol(words.at(++i));
    } else if (words[i] == "--seed") {
      options.seed = std::stoull(words.at(++i));
    } else if (words[i] == "--directory") {
      options.directory = std::filesystem::absolute(words.at(++i));
    } else {
      options.engines.push_back(words[i]);
    }
  }
  if (options.engines.empty()) options.engines = {"sqlite", "postgresql", "redis"};
  return options;
}

// A full disk is to be an error of the write, and a program that is ended leaves no image behind.
void prepare() {
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

int run_one(const Options& options) {
  prepare();
  const std::string& engine = options.engines.front();
  std::cout << engine << ": begins, " << options.seconds << " s, seed " << options.seed
            << std::endl;
  std::optional<TemporaryDirectory> own;
  std::filesystem::path directory = options.directory;
  if (directory.empty()) {
    directory = own.emplace().path();
  } else {
    directory /= engine;
    std::filesystem::create_directories(directory);
  }
  try {
    if (run({.engine = engine,
             .length = std::chrono::seconds{options.seconds},
             .seed = options.seed,
             .directory = directory})) {
      return 0;
    }
  } catch (const std::exception& error) {
    std::cerr << engine << ": " << error.what() << std::endl;
  }
  if (own) own->keep();
  std::cerr << engine << ": ledgers and logs are in " << directory.string() << "\nagain: chaos "
            << engine << " --seconds " << options.seconds << " --seed " << options.seed
            << std::endl;
  return 1;
}

// Before there are threads. Each goes with this process.
int run_all(const Options& options) {
  std::vector<OwnedProcess> processes;
  for (const std::string& engine : options.engines) {
    const pid_t process = ::fork();
    if (process != 0) {
      processes.emplace_back(process);
      continue;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    Options own = options;
    own.engines = {engine};
    return run_one(own);
  }
  bool is_well = true;
  for (OwnedProcess& process : processes) is_well = process.wait() == 0 && is_well;
  return is_well ? 0 : 1;
}

// Behind its name: the storage's address, the name of its files, whether it is alone, and two
// descriptors.
int be_a_server(const std::vector<std::string>& words) {
  serve({.address = {words.at(1), words.at(2)},
         .name = words.at(3),
         .is_alone = words.at(4) == "alone"});
  return 0;
}

int main_with(const std::vector<std::string>& words) {
  if (words.at(0) == "child") return be_a_server(words);
  const Options options = read(words);
  return options.engines.size() == 1 ? run_one(options) : run_all(options);
}

}  // namespace
}  // namespace portfire::chaos

int main(int count, char** values) {
  try {
    return portfire::chaos::main_with({values, values + count});
  } catch (const std::exception& error) {
    std::cerr << "chaos: " << error.what() << '\n';
    return 2;
  }
}
