// Taking executions back from servers that stop, cannot run them, or are dead.

#include <vector>

#include "storage/memory/moves.hpp"
#include "storage/memory/verbs.hpp"

namespace portfire::memory {
namespace {

std::vector<Slot> slots_held(const Server& server) {
  std::vector<Slot> slots;
  server.held.forwards(0, [&](Slot slot) {
    slots.push_back(slot);
    return true;
  });
  return slots;
}

// Takes the server, which holds nothing any more, off the list; its handlers stop nobody's job.
void strike(Data& data, Server& server) {
  const ServerId id = server.info.id;
  const std::set<JobId> stopping = server.stopping;
  for (const JobId job_id : stopping) {
    Job* job = data.jobs.find(job_id);
    if (job == nullptr || !job->extra || !job->extra->stopping) continue;
    if (job->extra->stopping->server == id) job->extra->stopping.reset();
  }
  data.servers.erase(id);
}

void give_back(Call& call, Job& job, ReleaseReason reason) {
  // What was never claimed from a queue, as poison is, has no old place to return to.
  const bool has_place = job.waited.name != nullptr;
  if (reason == ReleaseReason::shutdown || !has_place) {
    requeue(call, job, reasons::shutdown);
  } else {
    undo_claim(call, job, reason == ReleaseReason::no_handler);
  }
}

}  // namespace

std::size_t release(Call& call, std::span<const Released> executions) {
  std::size_t given_back = 0;
  for (const Released& released : executions) {
    const ExecutionRef& execution = released.execution;
    Job* job = call.data.jobs.find(execution.job, execution.locator);
    if (job == nullptr) continue;
    if (job->held_under(execution.epoch)) {
      give_back(call, *job, released.reason);
      ++given_back;
    } else {
      clear_stopping(call.data, *job, execution.epoch);
    }
  }
  return given_back;
}

void remove_server(Call& call, ServerId id) {
  Server* server = call.data.server(id);
  if (server == nullptr) return;
  for (const Slot slot : slots_held(*server)) {
    requeue(call, call.data.jobs.at(slot), reasons::shutdown);
  }
  strike(call.data, *server);
}

ReclaimResult reclaim(Call& call, const ReclaimRequest& request) {
  ReclaimResult result;
  for (const ServerId id : request.servers) {
    Server* server = call.data.server(id);
    if (server == nullptr) continue;
    Server* by = request.by == id ? nullptr : call.data.server(request.by);
    call.news.server(id);
    for (const Slot slot : slots_held(*server)) {
      Job& job = call.data.jobs.at(slot);
      leave(call, job);
      if (job.suspect) ++job.crashes;
      const bool poison =
          job.suspect && request.crash_limit > 0 && job.crashes >= request.crash_limit;
      job.suspect = true;
      if (poison && by != nullptr) {
        hold(call, job, *by);
        result.poisoned.push_back(execution_of(job));
      } else {
        ++job.epoch;
        arrive(call, job, states::enqueued(std::string{reasons::reclaimed}));
        ++result.requeued;
      }
    }
    strike(call.data, *server);
  }
  return result;
}

}  // namespace portfire::memory
