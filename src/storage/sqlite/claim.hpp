#pragma once

// Taking ready jobs, giving them back, and taking them away from servers that are gone.

#include <cstdint>
#include <span>

#include <portfire/storage/job_store.hpp>

namespace portfire::sqlite {

class Session;

ClaimResult claim(Session& session, const ClaimRequest& request);

std::size_t release(Session& session, std::span<const Released> executions);

// Gives back all that a server holds, to the tail, and takes it off the list.
void remove_server(Session& session, ServerId server);

ReclaimResult reclaim(Session& session, const ReclaimRequest& request);

}  // namespace portfire::sqlite
