#include <unistd.h>

#include <iostream>

#include <gtest/gtest.h>

#include <portfire/memory.hpp>

#include "isolation/jobs.hpp"

// Crashes are to be seen as they are, not as what a sanitizer makes of them.
extern "C" const char* __asan_default_options() {  // NOLINT: its name is given
  return "handle_segv=0:handle_abort=0:handle_sigbus=0:allocator_may_return_null=0";
}
extern "C" const char* __tsan_default_options() {  // NOLINT: its name is given
  return "handle_segv=0:handle_abort=0:handle_sigbus=0";
}

namespace portfire::isolation_tests {
namespace {

// A server to be killed: writes the id of the process that runs its endless job.
int serve_until_killed(int descriptor) {
  const auto storage = memory::open();
  Client client{storage, {.log = silent_sink()}};
  Server server{storage,
                handlers(),
                {.workers = 1,
                 .isolation = Isolation::process,
                 .children = {.spare = 0},
                 .log = silent_sink()}};
  server.start();
  const JobId who = client.enqueue(which_process);
  client.wait(who, 1min);
  client.enqueue(die, "endless loop");
  const std::string line = std::to_string(client.result<int>(who).value_or(-1)) + "\n";
  if (write(descriptor, line.data(), line.size()) < 0) return 1;
  for (;;) pause();
}

}  // namespace
}  // namespace portfire::isolation_tests

int main(int count, char** values) {
  using namespace portfire::isolation_tests;
  if (const auto end = portfire::serve_isolated(count, values, handlers())) return *end;
  if (std::string_view{values[0]} == "child") return serve_until_killed(std::atoi(values[1]));
  ::testing::InitGoogleTest(&count, values);
  return RUN_ALL_TESTS();
}
