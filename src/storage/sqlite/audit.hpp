#pragma once

// The audit log.

#include <cstdint>
#include <string_view>
#include <vector>

#include <portfire/storage/audit.hpp>

namespace portfire::sqlite {

class Database;
class Session;

// Returns the number of the entry, whose texts are not too long.
std::uint64_t record(Session& session, const AuditEntry& entry);
void conclude(Session& session, std::uint64_t number, std::string_view outcome);

std::vector<AuditEntry> audit_page(Database& database, const AuditQuery& query);

}  // namespace portfire::sqlite
