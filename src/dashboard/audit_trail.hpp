#pragma once

// Nothing is changed through the dashboard without an entry in the audit log: it is written before
// the change, and says afterwards how the change ended.

#include <exception>
#include <string>
#include <utility>

#include <portfire/dashboard_access.hpp>
#include <portfire/storage/coordination.hpp>

namespace portfire::dashboard {

class AuditedChange {
 public:
  // Writes the entry; what cannot be written must not be done, so this throws `StorageError`.
  AuditedChange(Coordination& coordination, const Visitor& visitor, std::string action,
                std::string target, std::string reason)
      : coordination_{coordination},
        number_{coordination.record({.actor = visitor.user,
                                     .action = std::move(action),
                                     .target = std::move(target),
                                     .reason = std::move(reason)})} {}

  // Without a word about its end the change has failed. Never throws: the change itself matters.
  ~AuditedChange() {
    if (!is_concluded_) say("failed, or its end is not known");
  }

  AuditedChange(const AuditedChange&) = delete;
  AuditedChange& operator=(const AuditedChange&) = delete;

  void conclude(const std::string& outcome) {
    is_concluded_ = true;
    say(outcome);
  }

 private:
  void say(const std::string& outcome) noexcept {
    try {
      coordination_.conclude(number_, outcome);
    } catch (...) {  // NOLINT: an entry without an end says so
    }
  }

  Coordination& coordination_;
  const std::uint64_t number_;
  bool is_concluded_ = false;
};

// The reason that goes into a job's history: who, where, and why.
inline std::string history_reason(const Visitor& visitor, const std::string& reason) {
  const std::string by =
      visitor.user.empty() ? "in the dashboard" : visitor.user + ", in the dashboard";
  return reason.empty() ? "By " + by : reason + " (" + by + ")";
}

}  // namespace portfire::dashboard
