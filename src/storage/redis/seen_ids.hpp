#pragma once

#include <algorithm>
#include <cstddef>
#include <unordered_set>
#include <vector>

#include <portfire/id.hpp>

namespace portfire::redis {

// Of which jobs something has been said. Nearly free as long as they come in ascending order, as
// new ones do.
//
// Threads: one.
class SeenIds {
 public:
  void add(JobId id) {
    ids_.push_back(id);
    greatest_ = std::max(greatest_, id);
  }
  bool contains(JobId id) {
    if (ids_.empty() || id > greatest_) return false;
    index_.insert(ids_.begin() + static_cast<std::ptrdiff_t>(index_.size()), ids_.end());
    return index_.contains(id);
  }
  void clear() {
    ids_.clear();
    index_.clear();
    greatest_ = {};
  }

 private:
  std::vector<JobId> ids_;
  std::unordered_set<JobId> index_;  // of the first of them
  JobId greatest_;
};

}  // namespace portfire::redis
