#include "chaos/run.hpp"

#include <atomic>
#include <deque>
#include <exception>
#include <iostream>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "chaos/engine.hpp"
#include "chaos/plan.hpp"
#include "chaos/producer.hpp"
#include "chaos/servers.hpp"
#include "chaos/verdict.hpp"

namespace portfire::chaos {

namespace {

using namespace std::chrono_literals;

// Some threads that enqueue; they end with its life.
class Producers {
 public:
  Producers(const Engine& engine, Record& record, std::uint64_t seed) {
    for (std::uint64_t i = 0; i < count; ++i) {
      threads_.emplace_back(
          [&, storage = open_at(engine.address()), seed = seed + i](std::stop_token stop) mutable {
            try {
              Producer{std::move(storage), record, numbers_, seed}.run(std::move(stop));
            } catch (const std::exception& error) {
              std::cerr << "a producer has ended: " << error.what() << std::endl;
              has_failed_ = true;
            }
          });
    }
  }

  // Whether all were well.
  bool end() {
    for (std::jthread& thread : threads_) thread.request_stop();
    for (std::jthread& thread : threads_) thread.join();
    return !has_failed_;
  }

 private:
  static constexpr std::uint64_t count = 3;

  std::atomic<Number> numbers_{0};
  std::atomic<bool> has_failed_{false};
  std::deque<std::jthread> threads_;
};

// Some job that has not ended, if any.
std::optional<JobId> unfinished(Monitoring& monitoring) {
  static const std::set<std::string, std::less<>> ends{"Succeeded", "Deleted", "Failed",
                                                       "BatchSucceeded", "BatchCompleted"};
  for (const StateCount& count : monitoring.statistics().live) {
    if (ends.contains(count.state)) continue;
    const JobPage page = monitoring.list({.state = count.state, .queue = count.queue, .limit = 1});
    if (!page.jobs.empty()) return page.jobs.front().id;
  }
  return std::nullopt;
}

// Until no job is left that has not ended. Nothing is wrong any more, so that a limit is far away.
bool wait_for_all(const std::shared_ptr<Storage>& storage, std::chrono::seconds limit) {
  Client client{storage, {.log = silent_sink()}};
  const auto end = std::chrono::steady_clock::now() + limit;
  while (const auto id = unfinished(storage->monitoring())) {
    const Waited waited = client.wait(*id, 10s);
    if (!waited.ended && std::chrono::steady_clock::now() > end) {
      std::cerr << "job " << to_string(*id) << " is "
                << (waited.job ? waited.job->state + ", " + waited.job->reason : "gone")
                << std::endl;
      return false;
    }
  }
  return true;
}

void print(const Order& order, const Tally& tally, const Figures& figures) {
  std::cout << order.engine << ": jobs " << figures.jobs;
  for (std::size_t i = 0; i < harms; ++i) {
    const auto harm = static_cast<Harm>(i);
    if (tally[harm] > 0) std::cout << ", " << name_of(harm) << ' ' << tally[harm];
  }
  std::cout << ", calls of unknown fate " << figures.unknown << " (" << figures.made
            << " made), duplicates of execution " << figures.repeated << ", losses " << figures.lost
            << " (" << order.length.count() << " s, seed " << order.seed << ")" << std::endl;
}

void explain(const Order& order, const std::vector<std::string>& complaints) {
  constexpr std::size_t most = 30;
  for (std::size_t i = 0; i < complaints.size() && i < most; ++i) {
    std::cerr << order.engine << ": " << complaints[i] << '\n';
  }
  if (complaints.size() > most) std::cerr << "… " << complaints.size() << " complaints\n";
}

// A run in which nothing went wrong, or nothing was done, proves nothing.
bool has_proven(const Order& order, const Plan& plan, const Tally& tally, const Figures& figures) {
  if (tally[Harm::kill] == 0 || figures.jobs == 0) {
    std::cerr << order.engine << ": nothing has happened\n";
    return false;
  }
  if (order.length < whole_run) return true;
  const std::vector<Harm> missing = plan.missing();
  for (const Harm harm : missing) {
    std::cerr << order.engine << ": there were no " << name_of(harm) << '\n';
  }
  return missing.empty();
}

bool run_on(Engine& engine, const Order& order) {
  const auto storage = open_at(engine.address_beside());
  Servers servers{engine.address(), order.directory};
  for (std::size_t place = 0; place < Servers::count; ++place) servers.start(place, false);
  Record record;
  Producers producers{engine, record, order.seed};
  Plan plan{engine, servers, order.seed};
  const Tally tally = plan.run(order.length);
  bool is_well = producers.end();
  constexpr auto patience = 10min;
  const bool has_ended = wait_for_all(storage, patience);
  servers.end_all();
  Verdict verdict{*storage, record.take(), read_ledgers(order.directory)};
  verdict.reach();
  print(order, tally, verdict.figures());
  explain(order, servers.complaints());
  explain(order, verdict.complaints());
  is_well = is_well && has_ended && servers.complaints().empty() && verdict.complaints().empty();
  return has_proven(order, plan, tally, verdict.figures()) && is_well;
}

}  // namespace

bool run(const Order& order) {
  const auto engine = Engine::make(order.engine, order.directory);
  struct Saving {
    ~Saving() { engine.save_log(directory); }
    const Engine& engine;
    const std::filesystem::path& directory;
  };
  const Saving log{*engine, order.directory};
  return run_on(*engine, order);
}

}  // namespace portfire::chaos
