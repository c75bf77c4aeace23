#pragma once

// What happens because time has passed, and news of what is running.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include <portfire/storage/job_store.hpp>

namespace portfire::sqlite {

class Database;
class Session;

PromoteResult promote(Session& session, const PromoteRequest& request);

// The instant at which the next timed job falls due.
std::optional<std::int64_t> next_due(Database& database);

ExpireResult expire(Session& session, std::size_t max);

void report(Session& session, std::span<const Report> reports);

bool set_parameters(Session& session, JobId job,
                    const std::map<std::string, std::optional<std::string>>& parameters);

}  // namespace portfire::sqlite
