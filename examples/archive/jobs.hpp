#pragma once

// What is stored: three kinds of job, what they are given and what they answer.

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <portfire/job.hpp>

namespace archive {

// A file as it was listed. `path` is relative to the archived directory, in the form of `to_text`.
struct File {
  std::string path;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(File, path, size, modified_ns)

// What is known of a file once its copy stands.
struct Archived {
  std::string sha256;
  std::uint64_t size = 0;
  std::uint64_t compressed_size = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Archived, sha256, size, compressed_size)

struct Totals {
  std::uint64_t files = 0;
  std::uint64_t size = 0;
  std::uint64_t compressed_size = 0;
  std::uint64_t missing = 0;
  std::vector<std::string> complaints;  // why files are missing: the first few
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Totals, files, size, compressed_size, missing, complaints)

// The results are the archive's memory of what it has: they stay.
inline constexpr portfire::Job<Archived(File)> archive_file{
    .name = "archive.file", .options = {.retention = std::chrono::years{50}}};

// `plan`: the fingerprint of the jobs that it waits for.
inline constexpr portfire::Job<Totals(std::string plan)> write_manifest{.name = "archive.manifest"};

// Removes what executions that are over have left half-written; answers how many files.
inline constexpr portfire::Job<int()> clean_up{
    .name = "archive.clean_up", .options = {.queue = "upkeep", .retention = std::chrono::hours{1}}};

}  // namespace archive
