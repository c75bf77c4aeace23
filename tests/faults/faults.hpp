#pragma once

// What the tests of failures share: a database server, installations on it, and servers that run
// jobs while something goes wrong.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/portfire.hpp>
#include <portfire/postgresql.hpp>
#include <portfire/testing/builders.hpp>

#include "support/private_postgres.hpp"
#include "support/tcp_gate.hpp"

namespace portfire::faults {

using namespace std::chrono_literals;

// Counts; others wait for the number. Waits fail after a minute instead of hanging.
class Progress {
 public:
  void add();
  bool wait_for(std::size_t count);
  [[nodiscard]] std::size_t count() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t count_ = 0;  // guarded by mutex_
};

// An installation of its own, in a database of the test's choice.
class Installation {
 public:
  // On the server of this test program, reached over TCP.
  Installation();
  // `url` reaches the database for as long as the object lives, or its data go with the server.
  Installation(PrivatePostgres& server, std::string url);
  ~Installation();
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;

  // The one of this test program.
  static PrivatePostgres& shared_server();

  [[nodiscard]] PrivatePostgres& server() const { return server_; }
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::string url_through(const TcpGate& gate) const;
  [[nodiscard]] const std::string& schema() const { return schema_; }

  [[nodiscard]] std::shared_ptr<Storage> open(postgresql::Options options = {}) const;
  [[nodiscard]] std::shared_ptr<Storage> open_at(const std::string& url,
                                                 postgresql::Options options = {}) const;

  // Performs statements beside all storages, `:schema` being this one; returns the last field.
  std::string execute(std::string statements) const;
  [[nodiscard]] std::string count(const std::string& table) const;

 private:
  PrivatePostgres& server_;
  const std::string url_;
  const std::string schema_;
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
  bool wait_until_held() { return runs_.wait_for(held_from_ + workers); }
  bool wait_for_runs(std::size_t count) { return runs_.wait_for(count); }
  // Waits for so many jobs whose handlers have returned.
  bool wait_for_ends(std::size_t count) { return ends_.wait_for(count); }
  void release() { released_.add(); }
  // Waits until the server has said that something fails.
  bool wait_for_trouble() { return troubles_.wait_for(1); }
  [[nodiscard]] std::size_t ends() const { return ends_.count(); }

  // Waits until all have ended: as they should, each after one run, by the server that was started.
  void expect_each_done_once();

  [[nodiscard]] Server& server() { return *server_; }

 private:
  void work(std::size_t number);
  void hear(std::string_view line);

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
