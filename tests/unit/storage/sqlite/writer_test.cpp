// Group commit: who leads, who follows, and what becomes of failures.

#include "storage/sqlite/writer.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include <portfire/error.hpp>
#include <portfire/sqlite.hpp>
#include <portfire/testing/builders.hpp>

#include "storage/sqlite/job_store.hpp"
#include "storage/sqlite/monitoring.hpp"
#include "support/temporary_directory.hpp"
#include "unit/storage/sqlite/inspection.hpp"

namespace portfire::sqlite {
namespace {

class WriterTest : public ::testing::Test {
 protected:
  WriterTest() { migrate(file()); }

  std::filesystem::path file() { return directory_.path() / "jobs.db"; }
  Writer& writer() {
    if (!writer_) {
      lock_ = std::make_unique<SideLock>(file());
      writer_ = std::make_unique<Writer>(file(), Options{.durability = Durability::normal},
                                         thread_runtime(), *lock_, hub_);
    }
    return *writer_;
  }

  static void name_queue(Session& session, const std::string& name) {
    session.catalogue.lane(session.catalogue.name(name), 0, false);
  }
  bool has_name(const std::string& name) {
    return Inspection{file()}.number("SELECT count(*) FROM name WHERE text = '" + name + "'") > 0;
  }

  TemporaryDirectory directory_;
  WakeupHub hub_{thread_runtime()};
  std::unique_ptr<SideLock> lock_;
  std::unique_ptr<Writer> writer_;
};

// Holds the transaction open until told to go on, so that others have to queue behind it.
class Gate {
 public:
  void pass() {
    reached_.set_value();
    opened_.get_future().wait();
  }
  void wait_until_reached() { reached_.get_future().wait(); }
  void open() { opened_.set_value(); }

 private:
  std::promise<void> reached_;
  std::promise<void> opened_;
};

TEST_F(WriterTest, ALoneCallerCommitsByItself) {
  const auto caller = std::this_thread::get_id();
  std::thread::id ran_on;
  writer().run("test", [&](Session& session) {
    ran_on = std::this_thread::get_id();
    name_queue(session, "alone");
  });
  EXPECT_EQ(ran_on, caller);
  EXPECT_TRUE(has_name("alone"));
}

TEST_F(WriterTest, WhatABodyThrowsReachesItsCallerAndUndoesWhatItDid) {
  EXPECT_THROW(writer().run("test",
                            [&](Session& session) {
                              name_queue(session, "undone");
                              throw std::runtime_error{"no"};
                            }),
               std::runtime_error);
  EXPECT_FALSE(has_name("undone"));
  writer().run("test", [&](Session& session) { name_queue(session, "undone"); });
  EXPECT_TRUE(has_name("undone"));
}

TEST_F(WriterTest, AFailureSpoilsOnlyItsOwnRequest) {
  Gate gate;
  std::thread leader{[&] { writer().run("test", [&](Session&) { gate.pass(); }); }};
  gate.wait_until_reached();

  constexpr int others = 6;
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < others; ++i) {
    threads.emplace_back([&, i] {
      try {
        writer().run("test", [&](Session& session) {
          name_queue(session, "queue-" + std::to_string(i));
          if (i == 3) throw std::runtime_error{"no"};
        });
      } catch (const std::runtime_error&) {
        ++failed;
      }
    });
  }
  gate.open();
  leader.join();
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(failed, 1);
  for (int i = 0; i < others; ++i) EXPECT_EQ(has_name("queue-" + std::to_string(i)), i != 3) << i;
}

TEST_F(WriterTest, ABodyMayAskForFurtherTransactions) {
  struct Body {
    bool operator()(Session& session) {
      name_queue(session, "part-" + std::to_string(calls++));
      return calls == 3;
    }
    void committed() { ++commits; }
    int calls = 0;
    int commits = 0;
  } body;
  writer().run("test", body);
  EXPECT_EQ(body.calls, 3);
  EXPECT_EQ(body.commits, 3);
  EXPECT_TRUE(has_name("part-0"));
  EXPECT_TRUE(has_name("part-2"));
}

TEST_F(WriterTest, AFailureAfterACommitSaysThatPartMayBeDone) {
  int calls = 0;
  try {
    writer().run("test", [&](Session& session) {
      if (++calls == 1) return false;
      session.database.execute("SELECT nonsense");
      return true;
    });
    FAIL() << "nothing was thrown";
  } catch (const StorageError& error) {
    EXPECT_TRUE(error.connection_lost());
  }
}

TEST_F(WriterTest, UrgentRequestsComeFirst) {
  Gate gate;
  std::thread leader{[&] { writer().run("test", [&](Session&) { gate.pass(); }); }};
  gate.wait_until_reached();

  std::mutex mutex;
  std::vector<std::string> order;
  const auto note = [&](const char* what) {
    const std::scoped_lock guard{mutex};
    order.emplace_back(what);
  };
  std::thread usual{[&] { writer().run("test", [&](Session&) { note("usual"); }); }};
  std::thread urgent{
      [&] { writer().run("test", [&](Session&) { note("urgent"); }, Writer::Urgency::urgent); }};
  while (writer().waiting() < 2) std::this_thread::yield();
  gate.open();
  leader.join();
  usual.join();
  urgent.join();
  EXPECT_EQ(order, (std::vector<std::string>{"urgent", "usual"}));
}

TEST_F(WriterTest, ManyThreadsLoseNothing) {
  constexpr int threads_count = 8;
  constexpr int jobs_each = 100;
  ReaderPool readers{file()};
  SqliteJobStore jobs{writer(), readers};
  std::vector<std::thread> threads;
  for (int i = 0; i < threads_count; ++i) {
    threads.emplace_back([&, i] {
      testing::TestIds ids{static_cast<std::uint16_t>(i + 1)};
      for (int n = 0; n < jobs_each; ++n) {
        const Unit unit = testing::UnitBuilder{ids.next<UnitId>()}.create(
            testing::JobBuilder{ids.next<JobId>(), "work"});
        ASSERT_EQ(jobs.commit({&unit, 1}).front().status, CommitStatus::applied);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Inspection inspection{file()};
  EXPECT_EQ(inspection.number("SELECT count(*) FROM job"), threads_count * jobs_each);
  EXPECT_EQ(inspection.check(), "ok");
}

}  // namespace
}  // namespace portfire::sqlite
