#pragma once

// Templates of recurring jobs.

#include <optional>
#include <string>
#include <vector>

#include <portfire/storage/recurring.hpp>

#include "storage/sqlite/session.hpp"

namespace portfire::sqlite {

// Returns false, and changes nothing, where the template has another version.
bool change_recurring(Session& session, const RecurringChange& change);

RecurringDue due_recurring(Database& database, const RecurringRequest& request, TimePoint now);
std::optional<RecurringRecord> find_recurring(Database& database, const std::string& id);
std::vector<RecurringRecord> list_recurring(Database& database, const RecurringQuery& query);

}  // namespace portfire::sqlite
