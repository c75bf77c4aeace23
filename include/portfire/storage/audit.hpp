#pragma once

/// Who did what by hand, as a storage keeps it: a list that is only ever added to.
///
/// Whoever lets people change things writes an entry before the deed (`Coordination::record`), and
/// afterwards what has come of it (`Coordination::conclude`): so a deed that was cut short stands
/// there without an outcome. A storage looks into none of the texts.

#include <cstddef>
#include <cstdint>
#include <string>

#include <portfire/time.hpp>

namespace portfire {

/// One deed. Texts that are longer than said here are cut, between two characters of UTF-8.
struct AuditEntry {
  /// Grows by one with every entry, from 1. The storage's; what a record says here is passed over.
  std::uint64_t number = 0;
  /// By the storage's clock; what a record says here is passed over.
  TimePoint at = {};

  std::string actor = {};    ///< who, at most 200 bytes: `ann@example.com`
  std::string action = {};   ///< what, at most 200 bytes: `jobs.requeue`
  std::string target = {};   ///< to what, at most 200 bytes: an id, or a name
  std::string reason = {};   ///< why, in words; at most 1,000 bytes
  std::string outcome = {};  ///< what has come of it, at most 1,000 bytes; empty: not known (yet)

  friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};

/// So many of the latest entries are kept; with each new one the oldest goes.
inline constexpr std::uint64_t audit_entries_kept = 100'000;

/// A list of entries, newest first. Texts that are not empty must be equal.
struct AuditQuery {
  /// Those with a lower number; 0 for the newest ones.
  std::uint64_t before = 0;
  std::size_t limit = 50;
  std::string actor = {};
  std::string action = {};
  std::string target = {};
};

}  // namespace portfire
