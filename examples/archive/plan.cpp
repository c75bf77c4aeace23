#include "plan.hpp"

#include <algorithm>
#include <vector>

#include "sha256.hpp"

namespace archive {

namespace {

using portfire::Creation;
using portfire::JobId;
using portfire::StateKind;

// Files per transaction: enough to make its cost vanish, few enough to hold in memory.
constexpr std::size_t chunk_size = 1000;

portfire::CallOptions key_of(const File& file) {
  const std::string version =
      file.path + "\n" + std::to_string(file.size) + "\n" + std::to_string(file.modified_ns);
  return {.unique = {.key = "file:" + sha256(version),
                     .on_duplicate = portfire::OnDuplicate::use_existing,
                     .held_while = {StateKind::ready, StateKind::timed, StateKind::running,
                                    StateKind::final}}};
}

// Whether a job is over although its copy is not there: it could not be read then, or the copy was
// removed, or belongs to another version of the file by now.
bool must_run_again(portfire::Client& client, const Places& places, const File& file, JobId id) {
  if (places.has_copy_of(file)) return false;
  const auto job = client.find(id);
  return job && job->kind == StateKind::final && !places.has_copy_of(file);
}

// Keeps the continuation of a killed run, if it was made for the same jobs.
Creation create_manifest(portfire::Client& client, const std::vector<JobId>& files,
                         const std::string& fingerprint) {
  auto once = client.with({.unique = {.key = "manifest:" + fingerprint,
                                      .on_duplicate = portfire::OnDuplicate::use_existing}});
  if (files.empty()) return once.enqueue(write_manifest, fingerprint);
  return once.continue_with(write_manifest, {portfire::Condition::finished, files}, fingerprint);
}

}  // namespace

Plan make_plan(portfire::Client& client, const Places& places,
               const std::function<void(std::uint64_t files)>& on_chunk) {
  Plan plan;
  std::vector<JobId> jobs;
  std::vector<File> chunk;
  const auto create_chunk = [&] {
    const std::vector<Creation> creations = client.enqueue_all(archive_file, chunk, key_of);
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      const JobId id = creations[i].id;
      jobs.push_back(id);
      if (creations[i].created()) continue;
      ++plan.known;
      if (must_run_again(client, places, chunk[i], id)) client.requeue(id);
    }
    chunk.clear();
    on_chunk(jobs.size());
  };
  plan.omissions = list_files(places.source, places.archive, [&](File file) {
    chunk.push_back(std::move(file));
    if (chunk.size() == chunk_size) create_chunk();
  });
  create_chunk();

  std::ranges::sort(jobs);
  Sha256 all;
  for (const JobId id : jobs) all.add(portfire::to_string(id));
  plan.files = jobs.size();
  plan.fingerprint = all.finish();
  plan.manifest = create_manifest(client, jobs, plan.fingerprint);
  return plan;
}

}  // namespace archive
