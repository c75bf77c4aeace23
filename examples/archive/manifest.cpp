#include "manifest.hpp"

#include <algorithm>
#include <string>
#include <tuple>

#include <portfire/batch.hpp>

#include "atomic_file.hpp"

namespace archive {

using portfire::JobId;

namespace {

constexpr std::size_t most_complaints = 20;

void add_missing(Totals& totals, const std::string& path, const std::string& reason) {
  ++totals.missing;
  if (totals.complaints.size() < most_complaints) totals.complaints.push_back(path + ": " + reason);
}

void add_members(portfire::Client& client, portfire::BatchId batch, std::vector<JobId>& files) {
  portfire::JobQuery query{.batch = batch, .limit = 1000};
  do {
    const portfire::JobPage page = client.storage()->monitoring().list(query);
    for (const portfire::JobSummary& member : page.jobs) files.push_back(member.id);
    query.cursor = page.next;
  } while (!query.cursor.empty());
}

}  // namespace

std::optional<Totals> write_lines(portfire::Client& client, const std::vector<JobId>& jobs,
                                  const Places& places) {
  Totals totals;
  std::vector<std::pair<std::string, std::string>> lines;  // path, what stands before it
  std::vector<JobId> files = jobs;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto job = client.find(files[i]);
    if (!job) continue;
    if (job->members) {
      add_members(client, job->id, files);
      continue;
    }
    if (job->kind != portfire::StateKind::final) return std::nullopt;
    const File file = std::get<0>(portfire::decode_value<std::tuple<File>>(job->arguments));
    if (job->state != portfire::state_names::succeeded) {
      add_missing(totals, file.path, job->reason);
      continue;
    }
    const auto copy = portfire::decode_value<Archived>(job->result);
    ++totals.files;
    totals.size += copy.size;
    totals.compressed_size += copy.compressed_size;
    lines.emplace_back(file.path, copy.sha256 + "  " + std::to_string(copy.size) + "  ");
  }
  std::ranges::sort(lines);

  AtomicFile manifest{places.partial() / "manifest"};
  // The names of all copies reach the disk before the manifest that vouches for them.
  syncfs(Descriptor{places.archive, O_RDONLY | O_DIRECTORY}.get());
  std::string block;
  for (const auto& [path, before] : lines) {
    block += before + path + "\n";
    constexpr std::size_t block_size = 64 * 1024;
    if (block.size() < block_size) continue;
    manifest.write(block);
    block.clear();
  }
  manifest.write(block);
  manifest.publish(places.manifest());
  return totals;
}

}  // namespace archive
