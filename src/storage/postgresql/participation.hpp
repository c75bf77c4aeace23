#pragma once

// A storage as seen from within a transaction of the application's own.

#include <memory>

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

// The transaction that a handler has left open on its connection, which lives until this is gone.
// Rolled back when it is destroyed without `finish`.
class HandlersTransaction {
 public:
  // `inside` stores on that connection.
  HandlersTransaction(std::shared_ptr<Storage> inside, pg_conn* connection);
  ~HandlersTransaction();
  HandlersTransaction(const HandlersTransaction&) = delete;
  HandlersTransaction& operator=(const HandlersTransaction&) = delete;

  // Commits the unit and the transaction; both or neither. Throws when neither, or when the
  // connection was lost on the way.
  void finish(const Unit& unit);

 private:
  const std::shared_ptr<Storage> inside_;
  pg_conn* const connection_;
  bool is_over_ = false;
};

}  // namespace portfire::postgresql
