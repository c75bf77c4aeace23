#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <portfire/storage/job_store.hpp>

#include "storage/common/wakeup_hub.hpp"
#include "storage/postgresql/claims.hpp"
#include "storage/postgresql/committer.hpp"
#include "storage/postgresql/pool.hpp"

namespace portfire::postgresql {

// The verbs: each a call of a function of the schema. Threads: any.
class PostgresqlJobStore final : public JobStore {
 public:
  PostgresqlJobStore(Pool& pool, Claims& claims, WakeupHub& hub)
      : pool_{pool}, claims_{claims}, hub_{hub}, committer_{pool, claims} {}

  std::vector<CommitResult> commit(std::span<const Unit> units) override;
  ClaimResult claim(const ClaimRequest& request) override;
  std::vector<ExecutionRef> held(ServerId server) override;
  ReleaseResult release(std::span<const Released> executions) override;
  PromoteResult promote(const PromoteRequest& request) override;
  ReclaimResult reclaim(const ReclaimRequest& request) override;
  ExpireResult expire(std::size_t max) override;
  void report(std::span<const Report> reports) override;
  std::vector<Revoked> revoked(std::span<const ExecutionRef> executions) override;
  bool set_parameters(JobId job,
                      const std::map<std::string, std::optional<std::string>>& parameters) override;

 private:
  Pool& pool_;
  Claims& claims_;
  WakeupHub& hub_;
  Committer committer_;
};

}  // namespace portfire::postgresql
