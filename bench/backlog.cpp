#include "bench/backlog.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include <portfire/client.hpp>

#include "bench/rates.hpp"
#include "bench/workload.hpp"

namespace portfire::bench {

namespace {

// One unit after the other, each made of requests by number. `use` sees what was created.
void create(Client& client, std::size_t count, const Plan& plan, const std::string& what,
            const std::function<JobRequest(std::size_t number)>& request,
            const std::function<void(const Creation&)>& use = {}) {
  for (std::size_t done = 0; done < count;) {
    std::vector<JobRequest> requests;
    for (; requests.size() < bulk_size && done < count; ++done) requests.push_back(request(done));
    for (const Creation& creation : client.submit_all(std::move(requests), Bulk::all_or_nothing)) {
      if (use) use(creation);
    }
    plan.progress(what, done, count);
  }
}

JobRequest request_in(State state) {
  return {
      .name = std::string{no_op.name}, .arguments = stored_arguments(), .state = std::move(state)};
}

void add_waiting(const std::shared_ptr<Storage>& storage, Plan plan) {
  plan.jobs = plan.backlog;
  bulk_rate(storage, plan);
}

void add_finished(const std::shared_ptr<Storage>& storage, Plan plan) {
  add_waiting(storage, plan);
  plan.jobs = plan.backlog;
  drain_rate(storage, plan);
}

// Those that await do so for scheduled ones, each for another.
void add_scheduled_and_awaiting(const std::shared_ptr<Storage>& storage, const Plan& plan) {
  Client client{storage, {.log = plan.log}};
  const std::size_t awaiting = plan.backlog / 10;
  std::vector<JobId> parents;
  create(
      client, plan.backlog, plan, "scheduled",
      [](std::size_t number) {
        return request_in(
            states::scheduled(std::chrono::hours{24} + std::chrono::milliseconds{number}));
      },
      [&](const Creation& creation) {
        if (parents.size() < awaiting) parents.push_back(creation.id);
      });
  create(client, awaiting, plan, "awaiting", [&](std::size_t number) {
    JobRequest child = request_in(states::awaiting());
    child.parents.push_back({.job = parents[number]});
    return child;
  });
}

}  // namespace

Backlog drain_with_backlog(Scratch& scratch, const Engine& engine, const Plan& plan) {
  Backlog backlog;
  const auto drain = [&](const Place& place) {
    if (engine.settle) engine.settle(place);
    return drain_rate(place.storage, plan);
  };
  {
    const Place empty = scratch.place();
    bulk_rate(empty.storage, plan);
    backlog.empty_per_s = drain(empty);
  }
  scratch.clear();
  const Place full = scratch.place();
  add_finished(full.storage, plan);
  bulk_rate(full.storage, plan);
  add_waiting(full.storage, plan);
  add_scheduled_and_awaiting(full.storage, plan);
  backlog.full_per_s = drain(full);
  return backlog;
}

}  // namespace portfire::bench
