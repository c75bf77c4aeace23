#pragma once

// The audit log: the latest entries, oldest first, without gaps in their numbers.

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <portfire/storage/audit.hpp>

namespace portfire::memory {

class AuditLog {
 public:
  std::uint64_t record(const AuditEntry& entry, TimePoint now);
  void conclude(std::uint64_t number, const std::string& outcome);
  [[nodiscard]] std::vector<AuditEntry> list(const AuditQuery& query) const;
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  std::deque<AuditEntry> entries_;
  std::uint64_t last_ = 0;  // the number of the newest
};

}  // namespace portfire::memory
