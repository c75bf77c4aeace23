#include "server/cancellation_watcher.hpp"

#include <algorithm>

namespace portfire::server {

Duration CancellationWatcher::run_once(ProcessContext& context) {
  std::vector<ExecutionRef> held;
  active_.for_each([&](const RunningJob& job) { held.push_back(job.execution().ref); });
  dispatcher_.for_each([&](const Claimed& job) { held.push_back(job.execution.ref); });
  if (held.empty()) return interval_;
  const auto revoked = context.storage.jobs().revoked(held);
  if (revoked.empty()) return interval_;
  const auto is_revoked = [&](const ExecutionRef& ref) {
    return std::any_of(revoked.begin(), revoked.end(),
                       [&](const Revoked& each) { return each.execution == ref; });
  };
  active_.for_each([&](RunningJob& job) {
    if (is_revoked(job.execution().ref)) job.trip(StopReason::deleted);
  });
  std::vector<Released> unstarted;
  for (const Claimed& job :
       dispatcher_.take_if([&](const Claimed& each) { return is_revoked(each.execution.ref); })) {
    unstarted.push_back({job.execution.ref, ReleaseReason::unstarted});
  }
  // Refused, but it says that nothing of them runs here: they are not "still stopping".
  if (!unstarted.empty()) context.storage.jobs().release(unstarted);
  return interval_;
}

}  // namespace portfire::server
