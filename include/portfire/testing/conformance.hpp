#pragma once

/// The truth about every driver: one GoogleTest suite that any storage must pass.
///
/// A driver's test is a factory and one line, in a program that links `portfire::conformance` and
/// GoogleTest's `main`:
///
///     portfire::conformance::Driver my_driver() {
///       return {.name = "Mine", .place = [] {
///         auto database = std::make_shared<EmptyDatabase>();   // removed with the last opener
///         return [database](std::shared_ptr<const portfire::TimeOffset> offset) {
///           return mine::open({.url = database->url(), .time_offset = offset});
///         };
///       }};
///     }
///     PORTFIRE_CONFORMANCE(Mine, my_driver())
///
/// Every sentence of the verbs' contract in `portfire/storage/*.hpp` and every rule of
/// `docs/reference/storage_contract.md` is a test whose name is a sentence. Tests skip only on a
/// capability that the driver says it does not have. Nothing in the suite waits for time to pass:
/// it moves the storage's time by its offset and waits for events.
///
/// This is the only public header that includes GoogleTest.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <portfire/storage/storage.hpp>
#include <portfire/testing/builders.hpp>

namespace portfire::conformance {

/// Opens one place's data; empty when called for the first time. For a *durable* driver it is
/// called again after the former storage was closed, for a *shared* one also while others are open.
using Opener = std::function<std::shared_ptr<Storage>(std::shared_ptr<const TimeOffset>)>;

/// What the suite needs to know about a driver.
struct Driver {
  /// Letters and digits; part of the tests' names.
  std::string name;
  /// Makes a new place for data, which lives as long as the opener it returns.
  std::function<Opener()> place;

  friend void PrintTo(const Driver& driver, std::ostream* out) { *out << driver.name; }
};

/// A server as a test sees it: announced, claiming with tokens of its own. The storage outlives it.
class TestServer {
 public:
  TestServer(Storage& storage, ServerInfo info);

  [[nodiscard]] ServerId id() const { return info_.id; }
  [[nodiscard]] const ServerInfo& info() const { return info_; }
  [[nodiscard]] std::uint64_t last_token() const { return token_; }

  /// Makes it talk to another opening of the same data, without announcing it anew.
  void rebind(Storage& storage) { storage_ = &storage; }

  /// Claims with a new token.
  std::vector<Execution> claim(std::size_t max, std::vector<std::string> queues = {"default"});
  /// Claims exactly one job; anything else ends the test.
  Execution claim_one(const std::string& queue = "default");
  /// Sends a claim with this very token.
  std::vector<Execution> claim_with(std::uint64_t token, std::size_t max,
                                    std::vector<std::string> queues = {"default"});
  std::vector<ExecutionRef> held();

 private:
  Storage* storage_;
  ServerInfo info_;
  std::uint64_t token_ = 0;
};

/// The fixture: a fresh storage per test and the words in which tests are written. Helpers that
/// return a value throw, and so fail the test, when there is none.
class Suite : public ::testing::TestWithParam<Driver> {
 public:
  static void SetUpTestSuite();

 protected:
  using JobBuilder = testing::JobBuilder;
  using UnitBuilder = testing::UnitBuilder;

  Suite();
  ~Suite() override;

  /// The storage under test and its parts.
  Storage& storage() { return *storage_; }
  JobStore& jobs() { return storage_->jobs(); }
  Coordination& coordination() { return storage_->coordination(); }
  Monitoring& monitoring() { return storage_->monitoring(); }
  Wakeup& wakeup() { return storage_->wakeup(); }

  /// Closes the storage and opens the same data again. Needs a durable driver.
  void reopen();
  /// The same data, opened once more. Needs a shared driver.
  std::shared_ptr<Storage> open_another();

  /// Moves the storage's time.
  void advance(Duration by) { offset_->advance(by); }
  TimePoint now() { return monitoring().now(); }

  /// Fresh ids, and builders that have one.
  template <class IdType>
  IdType new_id() {
    return ids_.next<IdType>();
  }
  JobBuilder job(std::string name = "work") { return {new_id<JobId>(), std::move(name)}; }
  UnitBuilder unit() { return UnitBuilder{new_id<UnitId>()}; }

  /// Commits one unit; while the storage is busy, again.
  CommitResult commit(const Unit& unit);
  /// Creates a job, which must succeed, and returns its id.
  JobId create(const NewJob& job);
  /// Creates `count` alike jobs in the given queue, in order.
  std::vector<JobId> create_many(std::size_t count, const std::string& queue = "default");
  /// Commits one transition in a unit of its own.
  CommitResult apply(const Transition& change);
  /// Ends an execution.
  CommitResult finish(const Execution& execution, State state = states::succeeded());
  /// Moves a job whoever holds it; it must succeed.
  void move(JobId job, State state);

  /// Another server, announced, with handlers of these names.
  TestServer new_server(std::vector<std::string> job_names = {"work"});
  /// The server that the following three use, announced at its first use.
  TestServer& server();
  Execution claim_one(const std::string& queue = "default") { return server().claim_one(queue); }
  std::vector<Execution> claim(std::size_t max, std::vector<std::string> queues = {"default"});

  /// Gives one execution back; returns how many were.
  std::size_t release(const Execution& execution, ReleaseReason reason);
  /// Takes back what these servers hold.
  ReclaimResult reclaim(std::vector<ServerId> servers, std::uint32_t crash_limit = 3);
  /// Moves due jobs on, straight.
  PromoteResult promote();

  /// What a job is like now. `details` needs it to exist; `state_of` says "" where it does not.
  JobDetails details(JobId job);
  std::string state_of(JobId job);
  bool exists(JobId job);
  /// The names of the states in its history, in brackets those elected away.
  std::vector<std::string> history_of(JobId job);
  /// How many jobs are in a state of this name, in all queues.
  std::uint64_t live_count(const std::string& state);
  /// How often the state was ever entered.
  std::uint64_t lifetime_count(const std::string& state);

 private:
  const Opener open_;
  const std::shared_ptr<TimeOffset> offset_ = std::make_shared<TimeOffset>();
  std::shared_ptr<Storage> storage_;
  testing::TestIds ids_;
  std::optional<TestServer> server_;
};

/// The ids of executions, in order.
std::vector<JobId> ids_of(const std::vector<Execution>& executions);

/// A user-defined state of any kind.
State custom_state(std::string name, StateKind kind, Ending ending = Ending::none);

/// Skips the test, with a word why, unless the driver has the capability.
#define PORTFIRE_CONFORMANCE_NEEDS(capability)                        \
  if (!storage().capabilities().capability) {                         \
    GTEST_SKIP() << "the driver says that it is not " << #capability; \
  }                                                                   \
  static_assert(true)

/// The areas of the suite, one file each.
class Units : public Suite {};
class Transitions : public Suite {};
class Claiming : public Suite {};
class Leases : public Suite {};
class Poison : public Suite {};
class Continuations : public Suite {};
class Batches : public Suite {};
class ContinuationTable : public Suite {};
class Promotion : public Suite {};
class Retention : public Suite {};
class UniqueKeys : public Suite {};
class Replacing : public Suite {
 protected:
  /// Creates a job, or replaces the one that has its key; must be done.
  void create_or_replace(const NewJob& job);
};
class Limits : public Suite {};
class Recurring : public Suite {
 protected:
  /// Adds a template, which must succeed.
  void add(const std::string& id, RecurringRecord record);
  /// A template that must be there.
  RecurringRecord stored(const std::string& id);
  /// What has fallen due.
  RecurringDue due(std::size_t max = 100, std::vector<std::string> names = {"work"});
};
class Reports : public Suite {};
class Histories : public Suite {};
class Lists : public Suite {};
class Searches : public Suite {};
class Numbers : public Suite {};
class Servers : public Suite {};
class Locks : public Suite {};
class Audit : public Suite {};
class Sizes : public Suite {};
class Queues : public Suite {};
class Wakeups : public Suite {};
class LostReplies : public Suite {};
class Durability : public Suite {};
class Concurrency : public Suite {};

/// How the tests of one driver are called.
inline std::string driver_name(const ::testing::TestParamInfo<Driver>& info) {
  return info.param.name;
}

}  // namespace portfire::conformance

#define PORTFIRE_CONFORMANCE_AREA(name, area)                                                     \
  INSTANTIATE_TEST_SUITE_P(name, area, ::testing::Values(::portfire_conformance_driver_##name()), \
                           ::portfire::conformance::driver_name)

/// Runs the whole suite on a driver. At global scope, once per driver and `name`; `driver` is an
/// expression of type `portfire::conformance::Driver`.
#define PORTFIRE_CONFORMANCE(name, driver)                                                       \
  static ::portfire::conformance::Driver portfire_conformance_driver_##name() { return driver; } \
  namespace portfire::conformance {                                                              \
  PORTFIRE_CONFORMANCE_AREA(name, Units);                                                        \
  PORTFIRE_CONFORMANCE_AREA(name, Transitions);                                                  \
  PORTFIRE_CONFORMANCE_AREA(name, Claiming);                                                     \
  PORTFIRE_CONFORMANCE_AREA(name, Leases);                                                       \
  PORTFIRE_CONFORMANCE_AREA(name, Poison);                                                       \
  PORTFIRE_CONFORMANCE_AREA(name, Continuations);                                                \
  PORTFIRE_CONFORMANCE_AREA(name, ContinuationTable);                                            \
  PORTFIRE_CONFORMANCE_AREA(name, Promotion);                                                    \
  PORTFIRE_CONFORMANCE_AREA(name, Retention);                                                    \
  PORTFIRE_CONFORMANCE_AREA(name, UniqueKeys);                                                   \
  PORTFIRE_CONFORMANCE_AREA(name, Replacing);                                                    \
  PORTFIRE_CONFORMANCE_AREA(name, Limits);                                                       \
  PORTFIRE_CONFORMANCE_AREA(name, Batches);                                                      \
  PORTFIRE_CONFORMANCE_AREA(name, Recurring);                                                    \
  PORTFIRE_CONFORMANCE_AREA(name, Reports);                                                      \
  PORTFIRE_CONFORMANCE_AREA(name, Histories);                                                    \
  PORTFIRE_CONFORMANCE_AREA(name, Lists);                                                        \
  PORTFIRE_CONFORMANCE_AREA(name, Searches);                                                     \
  PORTFIRE_CONFORMANCE_AREA(name, Numbers);                                                      \
  PORTFIRE_CONFORMANCE_AREA(name, Servers);                                                      \
  PORTFIRE_CONFORMANCE_AREA(name, Locks);                                                        \
  PORTFIRE_CONFORMANCE_AREA(name, Audit);                                                        \
  PORTFIRE_CONFORMANCE_AREA(name, Sizes);                                                        \
  PORTFIRE_CONFORMANCE_AREA(name, Queues);                                                       \
  PORTFIRE_CONFORMANCE_AREA(name, Wakeups);                                                      \
  PORTFIRE_CONFORMANCE_AREA(name, LostReplies);                                                  \
  PORTFIRE_CONFORMANCE_AREA(name, Durability);                                                   \
  PORTFIRE_CONFORMANCE_AREA(name, Concurrency);                                                  \
  }                                                                                              \
  static_assert(true)
