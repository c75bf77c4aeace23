#pragma once

// From a request to a job that can be stored: checks, filters, election. Shared by the client and
// by the enqueuing that handlers do.

#include <mutex>
#include <string>
#include <vector>

#include <portfire/enqueuer.hpp>
#include <portfire/runtime.hpp>

#include "client/filter_chain.hpp"

namespace portfire {

// A request on its way: either a job to store, or a veto.
struct PreparedJob {
  NewJob job;
  bool vetoed = false;  // by a filter, or because its queue is full
  std::string veto_reason;
  Creation::Status veto_status = Creation::Status::vetoed;
};

// Ids for any number of threads.
class IdSource {
 public:
  explicit IdSource(std::shared_ptr<Runtime> runtime) : runtime_{std::move(runtime)} {}

  template <class IdType>
  IdType next() {
    const auto random = runtime_->random();
    const auto now = runtime_->now();
    const std::lock_guard lock{mutex_};
    return generator_.next<IdType>(now, random);
  }

 private:
  const std::shared_ptr<Runtime> runtime_;
  std::mutex mutex_;
  IdGenerator generator_;  // guarded by mutex_
};

// A request by name and the text of a JSON array. Throws UsageError when it is none.
JobRequest raw_request(std::string name, std::string_view arguments,
                       State state = states::enqueued());

// What the call says about limits, or else the kind of job. Throws UsageError.
Limit limit_of(const CallOptions& call, const std::string& name, const JobOptions& defaults);

// Checks the request and asks the filters. Throws UsageError, and what `creating` throws.
// `retention` is how long a continuation is kept that can never run.
PreparedJob prepare_job(JobRequest request, JobId id, const FilterChain& filters,
                        Duration retention);

// What the storage's answer to the unit means for one of its jobs.
Creation creation_result(const PreparedJob& prepared, const CommitResult& result);

}  // namespace portfire
