// Killed at any moment and run again, the archive goes on where it was and loses nothing.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include <portfire/client.hpp>

#include "archive/sandbox.hpp"

namespace archive::testing {
namespace {

constexpr int kills = 50;

std::uint64_t seed() {
  const char* given = std::getenv("PORTFIRE_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 20'260'101;
}

// From 1 to `most`, evenly by magnitude: so that beginnings, middles and ends are all hit.
std::size_t moment(std::mt19937_64& random, double most) {
  const double share = std::uniform_real_distribution<double>{0, 1}(random);
  return static_cast<std::size_t>(std::pow(most, share));
}

std::vector<portfire::JobSummary> all_jobs(portfire::Storage& storage) {
  std::vector<portfire::JobSummary> jobs;
  portfire::JobQuery query{.limit = 200};
  do {
    auto page = storage.monitoring().list(query);
    jobs.insert(jobs.end(), page.jobs.begin(), page.jobs.end());
    query.cursor = page.next;
  } while (!query.cursor.empty());
  return jobs;
}

// Each version of a file had exactly one job, and no job was done again after it had succeeded.
void expect_each_done_once(portfire::Storage& storage, std::size_t versions) {
  std::size_t files = 0;
  for (const auto& summary : all_jobs(storage)) {
    // The next run makes up for a clean-up.
    if (summary.name == "archive.clean_up") continue;
    const bool is_batch = summary.name == "portfire.batch";
    EXPECT_EQ(summary.state, is_batch ? "BatchSucceeded" : "Succeeded")
        << summary.name << " " << summary.arguments;
    if (summary.name != "archive.file") continue;
    ++files;
    const auto history = storage.monitoring().job(summary.id)->history;
    EXPECT_EQ(std::ranges::count(history, "Succeeded", &portfire::HistoryEntry::state), 1)
        << summary.arguments;
  }
  EXPECT_EQ(files, versions);
}

TEST(Archive, KilledFiftyTimesItStillArchivesEverythingOnce) {
  SCOPED_TRACE("PORTFIRE_TEST_SEED=" + std::to_string(seed()));
  Sandbox sandbox{seed()};
  sandbox.fill(400);
  std::size_t versions = sandbox.files().size();

  for (int killed = 0; killed < kills;) {
    const auto exit_code = sandbox.run(moment(sandbox.random(), 1000));
    ASSERT_NO_FATAL_FAILURE(sandbox.expect_only_whole_copies());
    if (!exit_code) {
      ++killed;
      continue;
    }
    // It came to its end before its moment: more to do.
    ASSERT_EQ(*exit_code, 0) << sandbox.output();
    ASSERT_NO_FATAL_FAILURE(sandbox.expect_finished());
    for (int i = 0; i < 50; ++i) {
      sandbox.write("folder 0/" + std::to_string(7 * i) + ".data",
                    sandbox.random_content(sandbox.random_size(20'000)));
      ++versions;
    }
  }
  ASSERT_EQ(sandbox.run(), 0) << sandbox.output();
  sandbox.expect_only_whole_copies();
  sandbox.expect_finished();
  expect_each_done_once(*sandbox.open_storage(), versions);
}

}  // namespace
}  // namespace archive::testing
