#include "client/rings.hpp"

#include <map>
#include <set>
#include <vector>

#include <portfire/error.hpp>

namespace portfire {

namespace {

// Of one batch: what waits for it, or for one that it is in.
class Ancestry {
 public:
  Ancestry(JobId batch, Monitoring& monitoring) : batch_{batch}, monitoring_{monitoring} {
    constexpr int deepest = 100;
    for (int depth = 0; batch && depth < deepest; ++depth) {
      enclosing_.insert(batch);
      const auto job = monitoring_.job(batch);
      batch = job && job->batch ? *job->batch : JobId{};
    }
  }

  void refuse(const NewJob& member) {
    std::vector<JobId> waits_for;
    for (const Parent& parent : member.parents) waits_for.push_back(parent.job);
    // Whoever builds more than that knows what it is.
    constexpr std::size_t most = 10'000;
    while (!waits_for.empty() && seen_.size() < most) {
      const JobId id = waits_for.back();
      waits_for.pop_back();
      if (enclosing_.contains(id)) throw_ring(member);
      if (!seen_.insert(id).second) continue;
      const auto job = monitoring_.job(id);
      if (!job || job->kind != StateKind::waiting) continue;
      for (const Parent& parent : job->parents) waits_for.push_back(parent.job);
    }
  }

 private:
  [[noreturn]] void throw_ring(const NewJob& member) const {
    throw UsageError{"the job \"" + member.name + "\" is to be a member of batch " +
                     to_string(batch_) +
                     " and to wait for a job that itself waits for that batch, or for one that it "
                     "is in: neither would ever end; let it wait for other jobs, or be no member"};
  }

  const JobId batch_;
  Monitoring& monitoring_;
  std::set<JobId> enclosing_;
  std::set<JobId> seen_;
};

}  // namespace

void refuse_rings(std::span<const PreparedJob> prepared, Monitoring& monitoring) {
  // Nobody can wait for a batch that does not exist yet, but perhaps for the one that it is in.
  std::map<JobId, JobId> new_batches;
  std::map<JobId, Ancestry> by_batch;
  for (const PreparedJob& one : prepared) {
    JobId batch = one.job.batch;
    if (const auto found = new_batches.find(batch); found != new_batches.end()) {
      batch = found->second;
    }
    if (one.job.is_batch) new_batches.emplace(one.job.id, batch);
    if (one.vetoed || !batch || one.job.parents.empty()) continue;
    by_batch.try_emplace(batch, batch, monitoring).first->second.refuse(one.job);
  }
}

}  // namespace portfire
