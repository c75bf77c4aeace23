#include <gtest/gtest.h>

#include <portfire/sqlite.hpp>

#include "model/comparison.hpp"
#include "support/temporary_directory.hpp"

namespace portfire::model_test {
namespace {

Subject sqlite_subject(const std::shared_ptr<testing::VirtualClock>& clock) {
  const auto directory = std::make_shared<TemporaryDirectory>();
  return {.open = [directory, clock] {
    return sqlite::open(directory->path() / "jobs.db",
                        {.durability = sqlite::Durability::normal, .runtime = clock});
  }};
}

TEST(ModelTest, SqliteDoesWhatMemoryDoes) {
  constexpr std::uint64_t seeds = 30;
  compare_with_memory(sqlite_subject, seeds);
}

}  // namespace
}  // namespace portfire::model_test
