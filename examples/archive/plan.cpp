#include "plan.hpp"

#include <algorithm>
#include <vector>

#include <portfire/batch.hpp>

#include "path_text.hpp"
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
Creation create_manifest(portfire::Client& client, portfire::BatchId batch,
                         const std::vector<JobId>& known, const std::string& fingerprint) {
  const portfire::Parents files =
      portfire::on_finished(batch) & portfire::Parents{portfire::Condition::finished, known};
  return client
      .with({.unique = {.key = "manifest:" + fingerprint,
                        .on_duplicate = portfire::OnDuplicate::use_existing}})
      .continue_with(write_manifest, files, fingerprint);
}

std::string fingerprint_of(std::vector<JobId> jobs) {
  std::ranges::sort(jobs);
  Sha256 all;
  for (const JobId id : jobs) all.add(portfire::to_string(id));
  return all.finish();
}

}  // namespace

Plan make_plan(portfire::Client& client, const Places& places,
               const std::function<void(std::uint64_t files)>& on_chunk) {
  Plan plan;
  // It grows chunk by chunk; a member that comes after all others have ended reopens it.
  const portfire::BatchId batch =
      client.batch("files of " + to_text(places.source), [](portfire::Batch&) {});
  auto members = client.with({.batch = batch});
  std::vector<JobId> jobs;
  std::vector<JobId> known;
  std::vector<File> chunk;
  const auto create_chunk = [&] {
    const std::vector<Creation> creations = members.enqueue_all(archive_file, chunk, key_of);
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      const JobId id = creations[i].id;
      jobs.push_back(id);
      if (creations[i].created()) continue;
      known.push_back(id);
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

  plan.files = jobs.size();
  plan.known = known.size();
  plan.fingerprint = fingerprint_of(std::move(jobs));
  plan.manifest = create_manifest(client, batch, known, plan.fingerprint);
  return plan;
}

}  // namespace archive
