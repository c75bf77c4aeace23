#pragma once

/// A storage that fails when a test says so.
///
/// Wraps any storage, whose data stay what they are. Every verb of the job store, of coordination
/// and of monitoring counts one; wake-ups are hints and never fail. A test loops over n = 1, 2, …
/// with `fail_nth` until its scenario passes untouched: then every step has failed once.
/// Threads: all members may be called from any thread at the same time.

#include <cstdint>
#include <memory>

#include <portfire/storage/forwarding.hpp>

namespace portfire::testing {

enum class FaultMoment : unsigned char {
  before_effect,  ///< nothing was done; the error says `retryable`
  after_effect,   ///< all was done, the reply is lost; the error says `connection_lost` as well
};

class FaultyStorage : public ForwardingStorage {
 public:
  explicit FaultyStorage(std::shared_ptr<Storage> target);
  ~FaultyStorage() override;

  /// Lets the n-th verb from now fail, once; 1 is the next one. Replaces an earlier order.
  void fail_nth(std::uint64_t n, FaultMoment moment);
  /// Lets every n-th verb from now on fail.
  void fail_every(std::uint64_t n, FaultMoment moment);
  /// Ends both.
  void fail_none();
  /// How many verbs have failed by order since the storage was wrapped; an outage does not count.
  [[nodiscard]] std::uint64_t failures() const;

  /// An outage: every verb fails, before its effect, until `come_up`.
  void go_down();
  void come_up();

  /// How many verbs were called, those that failed included.
  [[nodiscard]] std::uint64_t verbs() const;

  JobStore& jobs() override;
  Coordination& coordination() override;
  Monitoring& monitoring() override;

 private:
  class Faults;
  class FaultyJobStore;
  class FaultyCoordination;
  class FaultyMonitoring;
  const std::unique_ptr<Faults> faults_;
  const std::unique_ptr<JobStore> jobs_;
  const std::unique_ptr<Coordination> coordination_;
  const std::unique_ptr<Monitoring> monitoring_;
};

}  // namespace portfire::testing
