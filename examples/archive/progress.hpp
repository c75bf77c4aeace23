#pragma once

// What people see while it runs: on a terminal one live line, elsewhere a line every few seconds.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace archive {

// Counted by the workers.
struct Meter {
  std::atomic<std::uint64_t> files = 0;
  std::atomic<std::uint64_t> bytes = 0;
};

class Progress {
 public:
  explicit Progress(const Meter& meter);

  // While the directory is being read and the total is not known.
  void show_listing(std::uint64_t files);
  void show(std::uint64_t done, std::uint64_t total);

  // A line for people that stays. Any thread.
  void note(std::string_view text);

  // Takes the live line away.
  void finish();

  [[nodiscard]] double seconds() const;

 private:
  void draw(const std::string& line);
  [[nodiscard]] std::string rate() const;

  const Meter& meter_;
  const bool terminal_;
  const std::chrono::steady_clock::time_point begin_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point next_;  // guarded by mutex_
  std::string live_;                            // guarded by mutex_
};

// `1,391`; `41.2 MB`; `2 min 10 s`.
std::string with_commas(std::uint64_t number);
std::string as_size(double bytes);
std::string as_span(double seconds);

}  // namespace archive
