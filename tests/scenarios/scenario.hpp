#pragma once

// The fixture of the scenarios: one storage, a client, servers, and events to wait for.

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <portfire/portfire.hpp>
#include <portfire/testing/faulty_storage.hpp>

#include "scenarios/backends.hpp"
#include "scenarios/watched_storage.hpp"

namespace portfire::scenarios {

using namespace std::chrono_literals;

// Opened once; whoever waits goes on. Waits fail after a minute instead of hanging.
class Gate {
 public:
  void open();
  // Whether it was opened.
  bool wait();
  // As `wait`, also until the stop; whether it was opened.
  bool wait(std::stop_token stop);

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool open_ = false;  // guarded by mutex_
};

// The lines that servers have logged.
class Log {
 public:
  LogSink sink();
  [[nodiscard]] std::vector<std::string> lines_with(const std::string& text) const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;  // guarded by mutex_
};

// What handlers note, in order.
class Notes {
 public:
  void add(std::string note);
  [[nodiscard]] std::vector<std::string> all() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> notes_;  // guarded by mutex_
};

class Scenario : public ::testing::TestWithParam<Backend> {
 protected:
  Scenario();
  ~Scenario() override;
  // Before the members of derived fixtures go.
  void TearDown() override { stop_all(); }

  WatchedStorage& storage() { return *storage_; }
  const std::shared_ptr<WatchedStorage>& shared_storage() { return storage_; }
  // Between the servers and the data.
  testing::FaultyStorage& faults() { return *faulty_; }
  Client& client() { return client_; }
  Log& log() { return log_; }
  void advance(Duration by) { offset_->advance(by); }

  // Options of an impatient server.
  ServerOptions quick();
  Server& start(const Handlers& handlers, ServerOptions options);
  Server& start(const Handlers& handlers) { return start(handlers, quick()); }
  void stop_all() { servers_.clear(); }

  // Waits for the job to come to rest, and says in which state.
  std::string rest(JobId job);
  // Waits for an event of the storage after which the condition holds.
  bool until(const std::function<bool()>& condition) { return storage_->until(condition); }
  bool until_state(JobId job, const std::string& state);

  JobDetails details(JobId job);
  // The names of the states in its history, in brackets those elected away.
  std::vector<std::string> history(JobId job);

 private:
  const std::shared_ptr<TimeOffset> offset_ = std::make_shared<TimeOffset>();
  std::shared_ptr<testing::FaultyStorage> faulty_;
  std::shared_ptr<WatchedStorage> storage_;
  Log log_;
  Client client_;
  std::vector<std::unique_ptr<Server>> servers_;
};

using Strings = std::vector<std::string>;

#define PORTFIRE_SCENARIOS(suite)                                      \
  INSTANTIATE_TEST_SUITE_P(On, suite, ::testing::ValuesIn(backends()), \
                           [](const auto& parameter) { return parameter.param.name; })

}  // namespace portfire::scenarios
