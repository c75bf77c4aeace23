#pragma once

// What drivers keep of the texts of an audit log, and how they are searched.

#include <string>
#include <string_view>

#include <portfire/storage/audit.hpp>

namespace portfire {

// The entry with its texts cut to the lengths that `AuditEntry` states.
AuditEntry with_clipped_texts(AuditEntry entry);
std::string_view clipped_outcome(std::string_view outcome);

// Whether the entry has the texts asked for; its number is not looked at.
bool has_texts_of(const AuditQuery& query, const AuditEntry& entry);

}  // namespace portfire
