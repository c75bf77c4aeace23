#include "bench/backlog.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include <portfire/client.hpp>

#include "bench/creation.hpp"
#include "bench/rates.hpp"
#include "bench/workload.hpp"

namespace portfire::bench {

namespace {

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
