#pragma once

// A storage as seen from within a transaction of the application's own.

#include <portfire/storage/forwarding.hpp>

#include "storage/postgresql/connection.hpp"

namespace portfire::postgresql {

// Commits units on the application's connection. Threads: that of the connection.
class ParticipatingJobStore final : public ForwardingJobStore {
 public:
  // All outlive the store.
  ParticipatingJobStore(JobStore& target, const Settings& settings, pg_conn* connection);

  std::vector<CommitResult> commit(std::span<const Unit> units) override;
  bool set_parameters(JobId job,
                      const std::map<std::string, std::optional<std::string>>& parameters) override;

 private:
  template <class Body>
  auto in_transaction(Body&& body);

  Connection connection_;
};

// Everything but the job store is the target's own.
class ParticipatingStorage final : public ForwardingStorage {
 public:
  ParticipatingStorage(std::shared_ptr<Storage> target, const Settings& settings,
                       pg_conn* connection);

  JobStore& jobs() override { return jobs_; }

 private:
  ParticipatingJobStore jobs_;
};

// Commits the unit, and with it the transaction open on `connection`; both or neither.
// Throws when neither; then the transaction is rolled back.
void finish_in_transaction(Storage& inside, const Unit& unit, pg_conn* connection);

}  // namespace portfire::postgresql
