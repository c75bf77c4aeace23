#pragma once

// The templates of recurring jobs, by id and by when they fall due.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <portfire/storage/recurring.hpp>

namespace portfire::memory {

class Templates {
 public:
  // Nothing where there is none.
  [[nodiscard]] const RecurringRecord* find(const std::string& id) const;

  [[nodiscard]] bool allows(const RecurringChange& change) const;
  // One that is allowed.
  void apply(const RecurringChange& change, TimePoint now);

  [[nodiscard]] RecurringDue due(const RecurringRequest& request, TimePoint now) const;
  [[nodiscard]] std::vector<RecurringRecord> list(const RecurringQuery& query) const;

 private:
  using Dues = std::set<std::pair<TimePoint, std::string>>;

  void forget(const RecurringRecord& record);

  std::map<std::string, RecurringRecord> by_id_;
  std::map<std::string, Dues> due_by_name_;  // those of a job's name that fall due; never empty
};

}  // namespace portfire::memory
