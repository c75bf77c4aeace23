#pragma once

// What the tests run in child processes.

#include <string>
#include <vector>

#include <portfire/portfire.hpp>

#include "scenarios/scenario.hpp"

namespace portfire::isolation_tests {

using namespace std::chrono_literals;
using scenarios::backends;
using scenarios::Strings;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool has_sanitizer = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool has_sanitizer = true;
#else
inline constexpr bool has_sanitizer = false;
#endif
#else
inline constexpr bool has_sanitizer = false;
#endif

// In so many ways: see jobs.cpp.
inline constexpr Job<void(std::string way)> die{"die"};
inline constexpr Job<int(int)> twice{"twice"};
inline constexpr Job<int()> which_process{"which_process"};
inline constexpr Job<void()> wait_for_stop{"wait_for_stop"};

// All that the child knows. Server and child have the same ones.
Handlers handlers();

// The fixture of the scenarios, with a server that isolates.
class Isolated : public scenarios::Scenario {
 protected:
  // Options of an impatient server that isolates.
  ServerOptions isolating();
  Server& start_isolating() { return start(handlers(), isolating()); }

  // Runs one and gives its result.
  template <class T = int>
  T result(JobId job) {
    EXPECT_EQ(rest(job), "Succeeded") << details(job).reason;
    return client().result<T>(job).value_or(T{});
  }
  // The data of the state in which a job rests.
  nlohmann::json failure(JobId job);
};

}  // namespace portfire::isolation_tests
