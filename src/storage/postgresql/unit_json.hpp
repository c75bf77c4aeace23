#pragma once

// Units and reports as the functions of the schema read them; fields with default values are left
// out.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/storage/job_store.hpp>
#include <portfire/storage/unit.hpp>

namespace portfire::postgresql {

std::string json_of_units(std::span<const Unit* const> units);
std::string json_of_reports(std::span<const Report> reports);
// The states that a batch takes in its life.
std::string json_of_batch(const NewJob& batch);
std::string json_of_parameters(const std::map<std::string, std::string>& parameters);
std::string json_of_parameters(const std::map<std::string, std::optional<std::string>>& parameters);

// What `promote` answers.
PromoteResult promote_result_of(std::string_view json);
// Of a commit: pairs of ids.
std::vector<CommitResult::Existing> existing_of(std::string_view json);
// The same column of a conflict of versions: the template's id.
std::string recurring_of(std::string_view json);

}  // namespace portfire::postgresql
