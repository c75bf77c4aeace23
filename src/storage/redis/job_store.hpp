#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <portfire/storage/job_store.hpp>

#include "storage/common/wakeup_hub.hpp"
#include "storage/redis/committer.hpp"
#include "storage/redis/gateway.hpp"
#include "storage/redis/settings.hpp"

namespace portfire::redis {

// The verbs: each a call of a script, large ones in portions. Threads: any.
class RedisJobStore final : public JobStore {
 public:
  // All outlive it.
  RedisJobStore(const Settings& settings, Gateway& gateway, WakeupHub& hub)
      : settings_{settings}, gateway_{gateway}, hub_{hub}, committer_{settings, gateway} {}

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
  const Settings& settings_;
  Gateway& gateway_;
  WakeupHub& hub_;
  Committer committer_;
};

}  // namespace portfire::redis
