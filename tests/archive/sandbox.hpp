#pragma once

// A directory of known content, its archive, and the program between them.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>

#include <sys/types.h>

#include <portfire/storage/storage.hpp>

#include "support/owned_process.hpp"

namespace archive::testing {

class Sandbox {
 public:
  explicit Sandbox(std::uint64_t seed);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  // Writes or replaces a file of the directory. Its date differs from that of every version before.
  void write(const std::string& path, std::string content);
  [[nodiscard]] std::string random_content(std::size_t size);
  // Between 0 and `most`; small numbers as likely as large ones.
  [[nodiscard]] std::size_t random_size(std::size_t most);
  // Some hundred files: small and large, empty, oddly named; beside what must be left out.
  void fill(int files);

  // Runs the program to its end, or kills it with SIGKILL once it has been seen to change its
  // archive `events` times. Returns the exit code, or nothing when it was killed.
  std::optional<int> run(std::optional<std::size_t> kill_after_events = std::nullopt);
  [[nodiscard]] std::string output() const;

  // Adds a failure for every copy that is not a whole version of its file.
  void expect_only_whole_copies();
  // … and for everything that is not as a finished run leaves it.
  void expect_finished() const;

  [[nodiscard]] std::shared_ptr<portfire::Storage> open_storage() const;
  [[nodiscard]] const std::filesystem::path& source() const { return source_; }
  [[nodiscard]] const std::filesystem::path& archive() const { return archive_; }
  [[nodiscard]] std::filesystem::path copy_of(const std::string& path) const;
  [[nodiscard]] const std::map<std::string, std::string>& files() const { return files_; }
  std::mt19937_64& random() { return random_; }

 private:
  [[nodiscard]] std::filesystem::path log() const { return root_ / "output.txt"; }
  [[nodiscard]] portfire::OwnedProcess start() const;

  std::mt19937_64 random_;
  std::filesystem::path root_;
  std::filesystem::path source_;
  std::filesystem::path archive_;
  std::map<std::string, std::string> files_;             // path → present content
  std::map<std::string, std::set<std::string>> copies_;  // copy → all contents there ever were
  // Which file stood under a name when it was last found whole: inode and time of its last change.
  std::map<std::filesystem::path, std::tuple<ino_t, time_t, long>> looked_at_;
  std::int64_t date_ = 1'000'000'000;
};

}  // namespace archive::testing
