#pragma once

// What servers hold, and the row of `claim` that says so.

#include <cstdint>
#include <functional>
#include <vector>

#include <portfire/storage/job_store.hpp>

#include "storage/sqlite/job_row.hpp"

namespace portfire::sqlite {

class Session;
struct ServerEntry;

// Notes what a claim took; goes when nothing of it is held any more.
void add_claim_row(Session& session, std::int64_t server, std::int64_t token,
                   const std::vector<Execution>& executions);

// What that claim took and the server still holds under the same epochs.
std::vector<Execution> held_since_claim(Session& session, const ServerEntry& server,
                                        std::int64_t token);

// Hands every job that a server holds to `visit`, oldest claim first.
void for_each_held(Database& database, std::int64_t server,
                   const std::function<void(JobRow&)>& visit);

// A ready job becomes the server's. The row is changed in memory only.
void hold_ready(Session& session, JobRow& row, std::int64_t server, std::int64_t token);
// The same for any job that has left its state.
void begin_run(Session& session, JobRow& row, std::int64_t server, std::int64_t token);

// All that running the job takes.
Execution execution_of(Session& session, const JobRow& row);

}  // namespace portfire::sqlite
