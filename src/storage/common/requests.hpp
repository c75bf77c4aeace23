#pragma once

// What every driver says to requests that no storage can do, and of those that it has done in part.

#include <cstdint>
#include <exception>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include <portfire/storage/job_store.hpp>
#include <portfire/storage/monitoring.hpp>
#include <portfire/storage/unit.hpp>

namespace portfire {

// Throws `UsageError` when a unit would enter a state of kind *running*, name a template of a
// recurring job twice, or one whose id has not 1 to 150 bytes; when a key of a job is too long, a
// limit allows nobody or counts in kinds that it cannot, or a job replaces others and may not.
void check_units(std::span<const Unit> units);

// Throws `UsageError` unless the name has 1 to 200 bytes.
void check_lock_name(const std::string& name);

// Whether the tag is among those of `tags_parameter`.
bool has_tag(const std::map<std::string, std::string>& parameters, std::string_view tag);

// The number of a line in the log of its job: grows with the execution, and within it.
std::uint64_t log_number(std::uint64_t epoch, const ReportLine& line);

// Throws the `StorageError` again, as one whose outcome is unknown: some transactions of the call
// are committed, the rest failed, and it has to be sent again as a whole.
[[noreturn]] void throw_partly_done(const std::exception_ptr& error);

}  // namespace portfire
