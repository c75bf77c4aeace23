#include "bench/dashboard.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <stop_token>
#include <vector>

#include <portfire/client.hpp>
#include <portfire/dashboard.hpp>
#include <portfire/error.hpp>

#include "bench/creation.hpp"
#include "bench/rates.hpp"

namespace portfire::bench {

namespace {

constexpr std::size_t finished_per_waiting = 10;
constexpr int questions = 40;
constexpr int viewers = 50;
constexpr int seconds_between_lists = 3;
constexpr int rounds = 3;  // of drains with and without viewers

void fill(const std::shared_ptr<Storage>& storage, Plan plan) {
  plan.jobs = plan.backlog;
  for (std::size_t round = 0; round < finished_per_waiting; ++round) {
    bulk_rate(storage, plan);
    drain_rate(storage, plan);
  }
  bulk_rate(storage, plan);
  Client client{storage, {.log = plan.log}};
  create(client, plan.backlog / 100, plan, "failed", [](std::size_t number) {
    return request_in(states::failed("order " + std::to_string(number) + " timed out"));
  });
}

std::string first_id(Dashboard& dashboard) {
  const HttpResponse page = dashboard.handle({.target = "/api/v1/jobs?state=Succeeded&limit=1"});
  return nlohmann::json::parse(page.body).at("jobs").at(0).at("id");
}

std::vector<std::string> pages_of(Dashboard& dashboard) {
  return {"overview",
          "history?hours=720",
          "jobs",
          "jobs?state=Enqueued",
          "jobs?state=Succeeded",
          "jobs?state=Failed",
          "jobs?state=Scheduled&attempts_at_least=1",
          "jobs?state=Succeeded&text=nowhere-to-be-found",
          "jobs?state=Succeeded&name=not.there",
          "jobs/" + first_id(dashboard),
          "failures",
          "queues",
          "servers",
          "recurring",
          "storage",
          "audit"};
}

Latency ask(Dashboard& dashboard, Runtime& runtime, const std::string& page) {
  std::vector<double> milliseconds;
  for (int i = 0; i < questions; ++i) {
    const SteadyPoint begin = runtime.steady_now();
    const HttpResponse response = dashboard.handle({.target = "/api/v1/" + page});
    const std::chrono::duration<double, std::milli> took = runtime.steady_now() - begin;
    if (response.status != 200) {
      throw StorageError{"the dashboard answered " + page + " with " + response.body,
                         {.operation = "bench"}};
    }
    milliseconds.push_back(took.count());
  }
  return percentiles_of(std::move(milliseconds));
}

double median_of(std::vector<double> rates) {
  std::ranges::sort(rates);
  return rates[rates.size() / 2];
}

// Each looks at the events once a second and at a list every third, as browsers do.
class Viewers {
 public:
  Viewers(Dashboard& dashboard, Runtime& runtime) {
    for (int viewer = 0; viewer < viewers; ++viewer) {
      tasks_.push_back(runtime.spawn("viewer", [&dashboard, &runtime, viewer, this] {
        const auto stream = dashboard.handle({.target = "/api/v1/events"}).events;
        const auto pause = runtime.make_event();
        for (int second = viewer; !stop_.stop_requested(); ++second) {
          stream->next();
          if (second % seconds_between_lists == 0) {
            dashboard.handle({.target = "/api/v1/jobs?state=Succeeded"});
          }
          pause->wait_until(runtime.steady_now() + std::chrono::seconds{1}, stop_.get_token());
        }
      }));
    }
  }
  ~Viewers() {
    stop_.request_stop();
    for (const auto& task : tasks_) task->join();
  }
  Viewers(const Viewers&) = delete;
  Viewers& operator=(const Viewers&) = delete;

 private:
  std::stop_source stop_;
  std::vector<std::unique_ptr<Task>> tasks_;
};

}  // namespace

DashboardCost dashboard_cost(Scratch& scratch, const Engine& engine, const Plan& plan) {
  const Place place = scratch.place();
  fill(place.storage, plan);
  if (engine.settle) engine.settle(place);
  Runtime& runtime = *place.storage->runtime();
  Dashboard dashboard{place.storage,
                      {.authorization = open_to_all(Role::admin), .log = silent_sink()}};
  DashboardCost cost;
  for (const std::string& page : pages_of(dashboard)) {
    const bool is_of_one = page.starts_with("jobs/");
    cost.pages[is_of_one ? "jobs/{id}" : page] = ask(dashboard, runtime, page);
  }
  std::vector<double> unwatched;
  std::vector<double> watched;
  for (int round = 0; round < rounds; ++round) {
    bulk_rate(place.storage, plan);
    unwatched.push_back(drain_rate(place.storage, plan));
    bulk_rate(place.storage, plan);
    const Viewers watching{dashboard, runtime};
    watched.push_back(drain_rate(place.storage, plan));
  }
  cost.unwatched_per_s = median_of(std::move(unwatched));
  cost.watched_per_s = median_of(std::move(watched));
  return cost;
}

}  // namespace portfire::bench
