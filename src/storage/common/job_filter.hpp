#pragma once

// The filters of a list that look deeper into a job than what its lists are sorted by and its
// name, queue and tags.

#include <string>

#include <portfire/storage/monitoring.hpp>

namespace portfire {

class JobFilter {
 public:
  // `query` outlives it.
  explicit JobFilter(const JobQuery& query);

  // Whether there are any; otherwise all jobs match.
  [[nodiscard]] bool is_set() const { return is_set_; }

  [[nodiscard]] bool matches(const JobSummary& job) const;

  // Whether none can match from here on, in a list of jobs of one kind in the order of
  // `JobPage`, at a job that entered its state at `since`.
  [[nodiscard]] bool is_beyond(StateKind kind, TimePoint since) const;

 private:
  const JobQuery& query_;
  const std::string text_;    // in lower case
  const std::string reason_;  // the same
  const bool is_set_;
};

}  // namespace portfire
