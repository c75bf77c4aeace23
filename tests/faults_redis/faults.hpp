#pragma once

// What the tests of Redis' failures share: installations, and what is wrong with a call.

#include <memory>
#include <string>

#include <portfire/error.hpp>
#include <portfire/redis.hpp>
#include <portfire/testing/builders.hpp>

#include "support/complaint.hpp"
#include "support/drain.hpp"
#include "support/redis_place.hpp"
#include "support/tcp_gate.hpp"

namespace portfire::faults {

// An installation of its own, on the server of this test program or on another one.
class Installation {
 public:
  Installation() = default;
  explicit Installation(PrivateRedis& server) : place_{server} {}

  [[nodiscard]] PrivateRedis& server() const { return place_.server(); }
  [[nodiscard]] std::string url() const { return place_.url(); }
  [[nodiscard]] std::string tcp_url() const { return place_.tcp_url(); }
  [[nodiscard]] std::string url_through(const TcpGate& gate) const;

  [[nodiscard]] std::shared_ptr<Storage> open(redis::Options options = {}) const;
  [[nodiscard]] std::shared_ptr<Storage> open_through(const TcpGate& gate,
                                                      redis::Options options = {}) const;

  // How many keys begin with the prefix in braces and this: `j` for jobs.
  [[nodiscard]] std::size_t keys(const std::string& kind) const;

 private:
  const RedisPlace place_;
};

// A plain job, ready to be run.
inline Unit creation(testing::TestIds& ids) {
  return testing::UnitBuilder{ids.next<UnitId>()}.create(
      testing::JobBuilder{ids.next<JobId>(), "work"});
}

inline CommitResult commit(Storage& storage, const Unit& unit) {
  return storage.jobs().commit({&unit, 1}).front();
}

// How many times jobs have entered a state, ever.
std::uint64_t ever(Storage& storage, const std::string& state);

}  // namespace portfire::faults
