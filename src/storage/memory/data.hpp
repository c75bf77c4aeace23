#pragma once

// Everything that a memory storage knows, and what one verb in progress needs beside it.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/storage/coordination.hpp>

#include "storage/memory/audit.hpp"
#include "storage/memory/batches.hpp"
#include "storage/memory/job.hpp"
#include "storage/memory/job_table.hpp"
#include "storage/memory/limits.hpp"
#include "storage/memory/line.hpp"
#include "storage/memory/news.hpp"
#include "storage/memory/numbers.hpp"
#include "storage/memory/queue.hpp"
#include "storage/memory/recurring.hpp"
#include "storage/memory/retention.hpp"
#include "storage/memory/unique_keys.hpp"

namespace portfire::memory {

struct Server {
  ServerInfo info;
  std::set<std::string, std::less<>> handlers;  // `info.job_names`
  std::uint64_t beats = 0;
  std::uint64_t joined = 0;  // counts servers
  TimePoint started_at;
  TimePoint heartbeat_at;
  bool stop_requested = false;

  Line held;                 // by the step of the claim
  std::size_t suspects = 0;  // of those held
  std::uint64_t last_token = 0;
  std::vector<ExecutionRef> last_claim;
  std::set<JobId> stopping;  // jobs whose note says, or said, that it is still stopping them
};

struct Lock {
  std::string owner;
  std::uint64_t fence = 0;
  TimePoint until;
};

struct Data {
  JobTable jobs;
  Line by_number;  // all jobs in order of creation
  std::uint64_t creations = 0;
  std::uint64_t steps = 0;

  std::map<std::string, Queue, std::less<>> queues;
  StateNames state_names;
  StateName& created = state_names.of("Created");
  StateName& processing = state_names.of(state_names::processing);
  Hours hours;

  ExpiryQueue expiries;
  UnitMemory units;
  UniqueKeys keys;
  Limits limits;

  std::map<ServerId, Server> servers;
  std::uint64_t servers_joined = 0;
  std::map<std::string, Lock, std::less<>> locks;
  Templates templates;
  AuditLog audit;
  Batches batches;

  Queue& queue(const std::string& name) {
    const auto found = queues.find(name);
    return found != queues.end() ? found->second : queues.try_emplace(name, name).first->second;
  }

  Server* server(ServerId id) {
    const auto found = servers.find(id);
    return found == servers.end() ? nullptr : &found->second;
  }
};

// How to take a unit back that is refused half-way.
struct Undo {
  struct Key {
    std::string key;
    std::optional<KeyHolder> before;
  };

  // Only where a refusal can come after a change of state; batches are kept at all events.
  bool keeps_images = false;
  std::vector<Job> images;  // as they were before their first change
  std::set<Slot> imaged;
  std::vector<Slot> created;
  std::vector<Key> keys;
  std::vector<StateName*> counted;
};

// One verb in progress. `now` is read once: all that it does happens at one instant.
struct Call {
  Data& data;
  News& news;
  TimePoint now;
  Undo* undo = nullptr;                 // absent: what has begun cannot be refused any more
  Release release = Release::straight;  // of batches that the step in progress concludes
  TouchedBatches batches = {};
  std::set<std::string> limits = {};  // keys that may have room for those in line
};

}  // namespace portfire::memory
