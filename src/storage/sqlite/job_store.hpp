#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <portfire/storage/job_store.hpp>

#include "storage/sqlite/readers.hpp"
#include "storage/sqlite/writer.hpp"

namespace portfire::sqlite {

// The verbs: each a request to the writer, or a look by a reader. Threads: any.
class SqliteJobStore final : public JobStore {
 public:
  SqliteJobStore(Writer& writer, ReaderPool& readers) : writer_{writer}, readers_{readers} {}

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
  Writer& writer_;
  ReaderPool& readers_;
};

}  // namespace portfire::sqlite
