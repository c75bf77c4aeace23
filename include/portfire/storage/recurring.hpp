#pragma once

/// Recurring jobs as a storage keeps them: templates with a due time.
///
/// What a template means is the business of those who write it: a storage looks at its version, at
/// the name of its job and at when it is due, and keeps the two texts as they are. Templates are
/// changed by units (see `Unit::recurring`), so that an occurrence and its bookkeeping commit
/// together, and are read through `Coordination`.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <portfire/time.hpp>

namespace portfire {

/// One template.
struct RecurringRecord {
  /// 1 to 150 bytes.
  std::string id;

  /// Grows by one with every change, from 1.
  std::uint64_t version = 0;

  /// Of the jobs that it creates: it falls due for servers that announced the name.
  std::string job_name;

  /// When it falls due; absent: never by itself.
  std::optional<TimePoint> due_at = std::nullopt;

  /// What was asked for, a JSON object.
  std::string definition = "{}";
  /// What has come of it, a JSON object.
  std::string progress = "{}";

  /// By the storage's clock; what a change says here is passed over.
  TimePoint created_at = {};

  friend bool operator==(const RecurringRecord&, const RecurringRecord&) = default;
};

/// A change of one template, as a part of a unit.
struct RecurringChange {
  std::string id;

  /// Guard: the version that it has; 0 if there must not be one.
  std::uint64_t expected_version = 0;

  /// What it becomes, its `id`, `version` and `created_at` apart; absent: it is removed.
  std::optional<RecurringRecord> record = std::nullopt;
};

/// Asks for templates that have fallen due.
struct RecurringRequest {
  /// What the asking server has handlers for, aliases included.
  std::vector<std::string> job_names;
  std::size_t max = 1000;
};

struct RecurringDue {
  /// The storage's clock, by which they have fallen due.
  TimePoint now;
  /// Earliest first, then by id. They stay as they are until a unit changes them.
  std::vector<RecurringRecord> records = {};
  /// From now until the next one of these names falls due; zero when more are due already.
  std::optional<Duration> next_due_in = std::nullopt;
};

/// A list of templates, by id in the order of bytes.
struct RecurringQuery {
  /// Those after this one.
  std::string after = {};
  std::size_t limit = 20;
};

}  // namespace portfire
