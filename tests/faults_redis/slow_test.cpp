// Servers of Redis that somebody keeps busy, and those that still read their data.

#include <atomic>
#include <chrono>
#include <thread>

#include "faults_redis/faults.hpp"

namespace portfire::faults {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Slow : public ::testing::Test {
 protected:
  // A verb's complaint, from one after another until it contains `words`; what it takes is done.
  std::string complaint_with(const std::string& words) {
    std::string said;
    do {
      said = complaint([&] { storage_->monitoring().now(); });
    } while (said.find(words) == said.npos);
    return said;
  }

  // It reads its file for longer than a verb is patient, and answers meanwhile.
  PrivateRedis server_{{.settings = {{"appendonly", "yes"},
                                     {"busy-reply-threshold", "20"},
                                     {"key-load-delay", "30000"},
                                     {"loading-process-events-interval-bytes", "1024"}}}};
  const Installation installation_{server_};
  const std::shared_ptr<Storage> storage_ = installation_.open();
};

TEST_F(Slow, AServerThatSleepsOnlyDelays) {
  constexpr std::size_t jobs = 300;
  Drain drain{installation_.open(), storage_, jobs};
  drain.start();
  for (std::size_t ends = 50; ends < jobs; ends += 50) {
    ASSERT_TRUE(drain.wait_for_ends(ends));
    server_.execute({"DEBUG", "SLEEP", "0.3"});
  }
  drain.expect_each_done_once();
  EXPECT_FALSE(drain.had_trouble());
}

// A script that does not end, until somebody ends it.
class Loop {
 public:
  explicit Loop(const PrivateRedis& server) : server_{server} {
    thread_ = std::thread{[this] {
      try {
        server_.execute({"EVAL", "while true do end", "0"});
        ADD_FAILURE() << "it has ended by itself";
      } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("killed by user"));
      }
    }};
  }
  ~Loop() {
    server_.execute({"SCRIPT", "KILL"});
    thread_.join();
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

 private:
  const PrivateRedis& server_;
  std::thread thread_;
};

TEST_F(Slow, ABusyServerIsSaidAndOutlived) {
  Drain drain{installation_.open(), storage_, 80};
  drain.hold_from(30);
  drain.start();
  ASSERT_TRUE(drain.wait_until_held());
  {
    const Loop loop{server_};
    EXPECT_THAT(complaint_with("BUSY"),
                AllOf(HasSubstr("for later"), HasSubstr("somebody's script keeps the server busy"),
                      HasSubstr("SCRIPT KILL")));
    drain.release();
    ASSERT_TRUE(drain.wait_for_trouble());
  }
  drain.expect_each_done_once();
}

// It ends before anybody's patience does.
TEST_F(Slow, AServerThatIsBusyForAMomentIsNotEvenSaid) {
  testing::TestIds ids;
  std::size_t jobs = 0;
  std::atomic<bool> over{false};
  // Until it has refused twice.
  std::thread busy{[&] {
    server_.execute({"EVAL",
                     "repeat local seen = redis.call('INFO', 'errorstats') "
                     "until tonumber(string.match(seen, 'errorstat_BUSY:count=(%d+)') or 0) > 1",
                     "0"});
    over = true;
  }};
  while (!over) {
    EXPECT_TRUE(commit(*storage_, creation(ids)).done());
    ++jobs;
  }
  busy.join();
  EXPECT_EQ(installation_.keys("j"), jobs);
}

TEST_F(Slow, AServerThatStartsIsSaidAndOutlived) {
  constexpr std::size_t before = 30;
  Drain drain{installation_.open(), storage_, 80};
  drain.hold_from(before);
  drain.start();
  ASSERT_TRUE(drain.wait_until_held());
  // Answers are given between keys, not between the commands of a log.
  server_.execute({"BGREWRITEAOF"});
  server_.wait_until({"INFO", "persistence"}, "aof_rewrite_in_progress:0");
  server_.kill();
  drain.release();
  ASSERT_TRUE(drain.wait_for_ends(before + Drain::workers));
  std::thread starting{[this] { server_.start(); }};
  EXPECT_THAT(complaint_with("LOADING"),
              AllOf(HasSubstr("for later"), HasSubstr("is starting and still reads its data")));
  starting.join();
  drain.expect_each_done_once();
}

}  // namespace
}  // namespace portfire::faults
