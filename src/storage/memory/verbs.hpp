#pragma once

// The verbs of the contract on the data of a memory storage. Each is a step of its own, made by
// whoever has the lock; what they mean is said in `portfire/storage/*.hpp`.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <portfire/storage/coordination.hpp>
#include <portfire/storage/job_store.hpp>
#include <portfire/storage/monitoring.hpp>

#include "storage/memory/data.hpp"

namespace portfire::memory {

using ParameterChanges = std::map<std::string, std::optional<std::string>>;

// commit.cpp
std::vector<CommitResult> commit(Call& call, std::span<const Unit> units);
bool set_parameters(Data& data, JobId id, const ParameterChanges& changes);

// claim.cpp
ClaimResult claim(Call& call, const ClaimRequest& request);
std::vector<ExecutionRef> held(Data& data, ServerId server);
void report(Call& call, std::span<const Report> reports);
std::vector<Revoked> revoked(Data& data, std::span<const ExecutionRef> executions);

// recovery.cpp
std::size_t release(Call& call, std::span<const Released> executions);
void remove_server(Call& call, ServerId id);
ReclaimResult reclaim(Call& call, const ReclaimRequest& request);

// timing.cpp
PromoteResult promote(Call& call, const PromoteRequest& request);
ExpireResult expire(Call& call, std::size_t max);

// coordination.cpp
void announce(Call& call, const ServerInfo& info);
HeartbeatResult heartbeat(Call& call, ServerId id);
bool ask_to_stop(Call& call, ServerId id);
std::optional<LockGrant> acquire_lock(Call& call, const std::string& name, const std::string& owner,
                                      Duration lease);
bool renew_lock(Call& call, const LockGrant& grant, Duration lease);
void release_lock(Call& call, const LockGrant& grant);
std::vector<QueueSettings> queue_settings(const Data& data);
bool set_queue(Call& call, const QueueSettings& settings);

// monitoring.cpp
Statistics statistics(const Data& data);
std::vector<HourCount> history(const Data& data, TimePoint from, TimePoint to);
std::optional<JobDetails> job_details(Data& data, JobId id);
std::vector<LogEntry> log(Data& data, JobId id, std::uint64_t after, std::size_t limit);
std::vector<QueueSummary> queues(Data& data);
std::vector<ServerSummary> servers(const Data& data);
StorageReport storage_report(const Data& data);
JobSummary summary_of(const Job& job);

// list.cpp
JobPage list(Data& data, const JobQuery& query);

}  // namespace portfire::memory
