#pragma once

// What a template of a recurring job says, and what has come of it, as the two texts of its record.
// `docs/reference/wire_format.md` describes them.

#include <optional>
#include <string>
#include <string_view>

#include <portfire/recurring.hpp>

#include "client/filter_chain.hpp"
#include "model/misfire.hpp"
#include "model/occurrences.hpp"

namespace portfire {

struct RecurringDefinition {
  Schedule schedule = Cron::never();
  RecurringOptions options = {};
  std::string job_name;
  std::string arguments = "[]";
};

struct RecurringProgress {
  std::optional<TimePoint> next = std::nullopt;
  std::optional<TimePoint> last = std::nullopt;
  JobId last_job = {};
  std::uint64_t runs = 0;
  std::uint64_t skipped = 0;

  bool paused = false;
  std::string paused_by = {};
  std::string pause_reason = {};
  std::optional<TimePoint> paused_until = std::nullopt;

  std::string error = {};
  std::uint64_t failures = 0;  // in a row
};

// Throws UsageError for what breaks a rule of `RecurringOptions`, or an unknown zone.
void check(const RecurringDefinition& definition);

std::string encode(const RecurringDefinition& definition);
std::string encode(const RecurringProgress& progress);

// Throw DecodeError for what a newer or another program has written.
RecurringDefinition decode_definition(std::string_view text);
RecurringProgress decode_progress(std::string_view text);

// Whether both have the same occurrences.
bool same_schedule(const RecurringDefinition& a, const RecurringDefinition& b);

Occurrences occurrences_of(const RecurringDefinition& definition, std::string_view id);
Jitter jitter_of(const RecurringDefinition& definition, std::string_view id);

// Asks for the job of an occurrence, or of a trigger by hand.
JobRequest request_of(const RecurringDefinition& definition, const std::string& id,
                      TimePoint occurrence, std::string reason);

// Adds to the unit that the job of an earlier occurrence ends, if it has not ended by itself.
void cancel_previous(Unit& unit, JobId previous, Storage& storage, const FilterChain& filters,
                     Duration retention);

// A record with these texts, due as they say.
RecurringRecord record_of(std::string_view id, const RecurringDefinition& definition,
                          const RecurringProgress& progress);

}  // namespace portfire
