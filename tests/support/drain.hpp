#pragma once

// Servers that run jobs while something goes wrong, and ways of waiting for what they do.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/portfire.hpp>

namespace portfire::faults {

using namespace std::chrono_literals;

// Counts; others wait for the number. Waits fail after a minute instead of hanging.
class Progress {
 public:
  void add();
  // Whether it has come to be.
  [[nodiscard]] bool wait_for(std::size_t count);
  // The same where nothing can be checked; throws std::runtime_error.
  void await(std::size_t count);
  [[nodiscard]] std::size_t count() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t count_ = 0;  // guarded by mutex_
};

// Numbered jobs, and a server that runs them while something goes wrong.
class Drain {
 public:
  static constexpr int workers = 4;

  // The server works on `storage`. `beside` reaches the same data, for the test's own part.
  Drain(std::shared_ptr<Storage> storage, std::shared_ptr<Storage> beside, std::size_t jobs);

  // From this one on jobs end only after `release`.
  void hold_from(std::size_t number) { held_from_ = number; }
  void start();
  // Waits until every worker has one of them.
  [[nodiscard]] bool wait_until_held() { return runs_.wait_for(held_from_ + workers); }
  [[nodiscard]] bool wait_for_runs(std::size_t count) { return runs_.wait_for(count); }
  // Waits for so many jobs whose handlers have returned.
  [[nodiscard]] bool wait_for_ends(std::size_t count) { return ends_.wait_for(count); }
  void release() { released_.add(); }
  // Waits until the server has said that something fails.
  [[nodiscard]] bool wait_for_trouble() { return troubles_.wait_for(1); }
  [[nodiscard]] bool had_trouble() const { return troubles_.count() > 0; }
  [[nodiscard]] std::size_t ends() const { return ends_.count(); }

  // Waits until all have ended: as they should, each after one run, by the server that was started.
  void expect_each_done_once();

  [[nodiscard]] Server& server() { return *server_; }

 private:
  void work(std::size_t number);
  void hear(std::string_view line);
  Waited wait_for(JobId job);

  const std::shared_ptr<Storage> storage_;
  const std::shared_ptr<Storage> beside_;
  Client client_;
  std::vector<JobId> jobs_;
  std::size_t held_from_;
  std::vector<std::atomic<int>> runs_of_;
  Progress runs_;
  Progress ends_;
  Progress released_;
  Progress troubles_;
  ServerId id_;
  std::optional<Server> server_;
};

}  // namespace portfire::faults
