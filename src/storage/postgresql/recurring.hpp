#pragma once

// Reads templates of recurring jobs.

#include <optional>
#include <string>
#include <vector>

#include <portfire/storage/recurring.hpp>

#include "storage/postgresql/connection.hpp"

namespace portfire::postgresql {

RecurringDue due_recurring(Connection& connection, const RecurringRequest& request);
std::optional<RecurringRecord> find_recurring(Connection& connection, const std::string& id);
std::vector<RecurringRecord> list_recurring(Connection& connection, const RecurringQuery& query);

}  // namespace portfire::postgresql
