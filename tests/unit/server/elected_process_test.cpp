// Processes of which one runs in the whole cluster.

#include <atomic>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/background_process.hpp>
#include <portfire/error.hpp>
#include <portfire/memory.hpp>
#include <portfire/storage/forwarding.hpp>
#include <portfire/testing/virtual_clock.hpp>

#include "server/process_runner.hpp"

namespace portfire::server::elected_process_test {
namespace {

using namespace std::chrono_literals;

constexpr Duration lease = 30s;

class Duty final : public BackgroundProcess {
 public:
  [[nodiscard]] std::string_view name() const override { return "duty"; }
  Duration run_once(ProcessContext& context) override {
    fence = context.fence;
    ++count;
    return step ? step(context) : 1s;
  }
  void stopped(ProcessContext&) override { has_stopped = true; }

  std::function<Duration(ProcessContext&)> step;
  std::atomic<int> count = 0;
  std::atomic<std::uint64_t> fence = 0;
  std::atomic<bool> has_stopped = false;
};

// One server: as far as such a process sees it.
class Member {
 public:
  Member(std::uint64_t number, std::shared_ptr<Storage> storage, Runtime& runtime,
         std::function<Duration(ProcessContext&)> step = {})
      : storage_{std::move(storage)},
        runner_{once_in_cluster(duty_, lease), *storage_, runtime, identity_, log_} {
    identity_.assume(ServerId{number, number});
    duty_->step = std::move(step);
    runner_.start();
  }
  ~Member() { stop(); }

  void stop() {
    runner_.request_stop();
    runner_.join();
  }
  [[nodiscard]] const Duty& duty() const { return *duty_; }

 private:
  const std::shared_ptr<Duty> duty_ = std::make_shared<Duty>();
  const std::shared_ptr<Storage> storage_;
  const LogSink log_ = silent_sink();
  Identity identity_;
  ProcessRunner runner_;
};

// What a server of its own sees of the storage: it counts renewals, and may be cut off.
class View final : public ForwardingStorage {
 public:
  explicit View(std::shared_ptr<Storage> target)
      : ForwardingStorage{std::move(target)}, locks_{ForwardingStorage::coordination()} {}
  Coordination& coordination() override { return locks_; }

  void cut_off() { locks_.is_cut = true; }
  [[nodiscard]] int renewals() const { return locks_.renewals; }

 private:
  class Locks final : public ForwardingCoordination {
   public:
    using ForwardingCoordination::ForwardingCoordination;
    bool renew_lock(const LockGrant& lock, Duration span) override {
      if (is_cut) throw StorageError{"cut off", {.operation = "test", .retryable = true}};
      const bool renewed = target().renew_lock(lock, span);
      ++renewals;
      return renewed;
    }
    std::atomic<bool> is_cut = false;
    std::atomic<int> renewals = 0;
  };

  Locks locks_;
};

class ElectedProcessTest : public ::testing::Test {
 protected:
  // Tasks that the clock has woken get there in their own time.
  static bool until(const std::function<bool()>& condition,
                    std::chrono::milliseconds longest = 1min) {
    const auto end = std::chrono::steady_clock::now() + longest;
    while (!condition() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    return condition();
  }
  bool until_called(Member& member, int count = 1) {
    return until([&] { return member.duty().count >= count; });
  }
  // Lets time pass, waiting for each renewal that falls due in it. Who came to wait for it only
  // after the clock had been advanced needs that a second time.
  void pass_in_office(const View& view, int renewals) {
    for (int i = 0; i < renewals; ++i) {
      const int before = view.renewals();
      const auto is_renewed = [&] { return view.renewals() > before; };
      clock_->advance(lease / 3);
      if (until(is_renewed, 50ms)) continue;
      clock_->advance(lease / 3);
      ASSERT_TRUE(until(is_renewed));
    }
  }

  const std::shared_ptr<testing::VirtualClock> clock_ = std::make_shared<testing::VirtualClock>();
  const std::shared_ptr<Storage> storage_ = memory::open({.runtime = clock_});
  const std::shared_ptr<View> view_ = std::make_shared<View>(storage_);
};

TEST_F(ElectedProcessTest, RunsOnOneServerAndIsHandedOverAtAStop) {
  Member first{1, view_, *clock_};
  ASSERT_TRUE(until_called(first));
  Member second{2, storage_, *clock_};
  pass_in_office(*view_, 10);
  ASSERT_TRUE(until([&] {
    clock_->advance(1ms);  // however late it began to wait for its second step
    return first.duty().count > 1;
  }));
  EXPECT_EQ(second.duty().count, 0);
  const std::uint64_t fence = first.duty().fence;
  EXPECT_GT(fence, 0U);
  first.stop();
  EXPECT_TRUE(first.duty().has_stopped);
  // Told of it, long before it would have looked by itself.
  for (int i = 0; i < 100 && second.duty().count == 0; ++i) {
    clock_->advance(1ms);  // for the shortest pause between two steps
    until([&] { return second.duty().count > 0; }, 50ms);
  }
  ASSERT_GT(second.duty().count, 0);
  EXPECT_GT(second.duty().fence, fence);
}

TEST_F(ElectedProcessTest, AStepMayTakeLongerThanTheLease) {
  Member first{1, view_, *clock_, [](ProcessContext& context) {
                 context.runtime.make_event()->wait(context.stop);
                 return Duration{1h};
               }};
  ASSERT_TRUE(until_called(first));
  Member second{2, storage_, *clock_};
  pass_in_office(*view_, 10);
  EXPECT_EQ(second.duty().count, 0);
}

TEST_F(ElectedProcessTest, WhoIsCutOffIsToldToStopBeforeAnotherBegins) {
  std::atomic<bool> is_told = false;
  Member first{1, view_, *clock_, [&](ProcessContext& context) {
                 context.runtime.make_event()->wait(context.stop);
                 is_told = true;
                 return Duration{1h};
               }};
  ASSERT_TRUE(until_called(first));
  Member second{2, storage_, *clock_};
  pass_in_office(*view_, 1);
  view_->cut_off();
  clock_->advance(lease * 9 / 10);
  ASSERT_TRUE(until([&] { return is_told.load(); }));
  EXPECT_EQ(second.duty().count, 0);
  ASSERT_TRUE(until([&] {
    clock_->advance(1s);
    return second.duty().count > 0;
  }));
}

TEST(OnceInCluster, RefusesNonsense) {
  EXPECT_THROW(once_in_cluster(nullptr), UsageError);
  EXPECT_THROW(once_in_cluster(std::make_shared<Duty>(), 10ms), UsageError);
}

}  // namespace
}  // namespace portfire::server::elected_process_test
