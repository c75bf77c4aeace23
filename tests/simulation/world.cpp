#include "simulation/world.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include <portfire/error.hpp>
#include <portfire/memory.hpp>

#include "simulation/audit.hpp"
#include "simulation/ledger.hpp"
#include "simulation/process.hpp"
#include "simulation/workload.hpp"

namespace portfire::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t most_steps = 400'000;

// A place in which a server process runs, and another one after it has ended.
struct Place {
  Process* process = nullptr;
  std::unique_ptr<Event> stop;
  bool asked_to_stop = false;  // the server, from elsewhere: its program does not know
};

class World {
 public:
  World(const Scenario& scenario, std::FILE* output)
      : scenario_{scenario},
        chance_{scenario.seed, 2},
        scheduler_{scenario.seed ^ 0x5EED},
        journal_{scheduler_, output},
        faults_{scenario.seed, scenario.faults},
        ledger_{scheduler_, journal_},
        truth_{memory::open({.runtime = base_runtime()})},
        universe_{scheduler_, journal_, faults_, ledger_, *truth_} {}

  Report run() {
    used_ = {.seed = scenario_.seed,
             .servers = std::min(scenario_.servers, chance_.between(1, 3)),
             .clients = std::min(scenario_.clients, chance_.between(1, 2)),
             .operations = std::min(scenario_.operations, chance_.between(2, 9)),
             .faults = 0};
    Process& director = new_process("director");
    director.start([this] { direct(); });
    const bool came_to_rest =
        scheduler_.run([this] { return journal_.is_violated() || is_endless(); });
    if (!came_to_rest) journal_.violation("everybody waits, and nobody for anything to come");
    if (!scheduler_.escaped().empty()) {
      journal_.violation("an exception ended a task: " + scheduler_.escaped());
    }
    for (const auto& process : processes_) process->die();
    if (!scheduler_.run([] { return false; })) journal_.violation("the dead do not unwind");
    if (!journal_.is_violated()) audit_end(universe_);
    return report();
  }

 private:
  bool is_endless() {
    if (scheduler_.steps() < most_steps) return false;
    journal_.violation("no end after " + std::to_string(most_steps) + " steps");
    return true;
  }

  std::shared_ptr<Runtime> base_runtime() {
    return std::make_shared<FibreRuntime>(scheduler_, base_, scenario_.seed, 3);
  }

  Process& new_process(const std::string& name) {
    const auto number = processes_.size();
    const std::string full = number == 0 ? name : name + "." + std::to_string(number);
    return *processes_.emplace_back(
        std::make_unique<Process>(universe_, full, scenario_.seed, 100 + number));
  }

  void start_server(Place& place) {
    Process& process = new_process("server");
    place.process = &process;
    place.asked_to_stop = false;
    place.stop = process.runtime()->make_event();
    process.start([this, &process, &stop = *place.stop] { serve(process, stop); });
  }

  void serve(Process& process, Event& stop) {
    Chance chance{scenario_.seed, 10'000 + processes_.size()};
    Server server{process.storage(), handlers_of(process), server_options(chance, process)};
    for (;;) {
      try {
        server.start();
        break;
      } catch (const StorageError&) {
        scheduler_.rest(milliseconds{50});
      }
    }
    stop.wait({});
    server.stop();
  }

  void start_client(std::uint64_t number) {
    Process& process = new_process("client");
    clients_.push_back(&process);
    process.start([this, &process, number] {
      ClientProgram{process, known_, scenario_.seed, 20'000 + number}.run(used_.operations);
    });
  }

  // The director's fibre: sets everything up, brings misfortune, and lets all come to an end.
  void direct() {
    places_.resize(static_cast<std::size_t>(used_.servers));
    for (Place& place : places_) start_server(place);
    for (int i = 0; i < used_.clients; ++i) start_client(static_cast<std::uint64_t>(i));
    // A job can crash two servers, and their leases run out, in the longer runs only.
    const int trouble =
        chance_.percent(20) ? chance_.between(2500, 7000) : chance_.between(300, 2500);
    const SteadyPoint end = scheduler_.now() + milliseconds{trouble};
    while (scheduler_.now() < end) {
      scheduler_.rest(chance_.between(milliseconds{20}, milliseconds{400}));
      befall();
      for (Place& place : places_) {
        if (place.process->is_over() && chance_.percent(40)) start_server(place);
      }
    }
    faults_.stop();
    universe_.outage_until = {};
    ledger_.outages_end();
    for (const auto& process : processes_) process->reconnect();
    wait_until([this] { return are_clients_over(); }, [] { return "the clients do not end"; });
    wait_until(
        [this] {
          keep_serving();
          return overdue_definition(universe_).empty();
        },
        [this] { return overdue_definition(universe_); });
    close();
    const auto is_at_rest = [this] {
      keep_serving();
      return is_settled(universe_);
    };
    wait_until(is_at_rest, [this] { return unsettled(universe_); });
    for (Place& place : places_) place.stop->set();
    wait_until([this] { return are_servers_over(); }, [] { return "the servers do not stop"; });
  }

  // Each run is troubled in its own way.
  void befall() {
    if (faults_.over()) return;
    const std::uint64_t lot = chance_.below(100);
    Place& place = places_[chance_.index(places_.size())];
    if (lot < 8 && faults_.take(Fault::kill)) {
      place.process->die();
    } else if (lot < 12 && faults_.take(Fault::stop_before)) {
      place.process->stand_still(faults_.span());
    } else if (lot < 18 && faults_.take(Fault::outage)) {
      const SteadyPoint until = scheduler_.now() + faults_.span();
      if (until > universe_.outage_until) {
        ledger_.outage(std::max(scheduler_.now(), universe_.outage_until), until);
        universe_.outage_until = until;
      }
    } else if (lot < 22 && faults_.take(Fault::skew)) {
      place.process->step_wall_clock(
          chance_.between(Duration{std::chrono::hours{-2}}, std::chrono::hours{2}));
    } else if (lot < 26 && faults_.take(Fault::kill)) {
      clients_[chance_.index(clients_.size())]->die();
    } else if (lot < 34) {
      place.stop->set();
    } else if (lot < 38) {
      const ServerId server = ledger_.server_of(*place.process);
      if (server && truth_->coordination().ask_to_stop(server)) place.asked_to_stop = true;
    } else if (lot < 48 && faults_.take(Fault::cut_off)) {
      place.process->cut_off(chance_.between(milliseconds{100}, milliseconds{4000}),
                             chance_.percent(50));
    }
  }

  [[nodiscard]] bool are_clients_over() const {
    return std::ranges::all_of(clients_, [](const Process* each) { return each->is_over(); });
  }
  [[nodiscard]] bool are_servers_over() const {
    return std::ranges::all_of(places_, [](const Place& each) { return each.process->is_over(); });
  }

  // `complaint()` tells what is wrong when it takes too long.
  template <class Condition, class Complaint>
  void wait_until(Condition condition, Complaint complaint) {
    const SteadyPoint begin = scheduler_.now();
    while (!condition()) {
      scheduler_.rest(milliseconds{200});
      if (scheduler_.now() - begin < seconds{100}) continue;
      return journal_.violation("still so after 100 s: " + std::string{complaint()});
    }
  }

  // Servers that have ended are replaced, and programs whose server was asked to stop end.
  void keep_serving() {
    for (Place& place : places_) {
      if (place.process->is_over()) {
        start_server(place);
      } else if (place.asked_to_stop) {
        place.stop->set();
      }
    }
  }

  // A last client, untroubled: ends what would go on for ever.
  void close() {
    Process& process = new_process("closer");
    process.start([&process] {
      Client client{process.storage(), {.log = silent_sink()}};
      client.resume_queue("bulk");
      RecurringJobs recurring{process.storage(), {.log = silent_sink()}};
      for (const char* id : {gapless_definition, other_definition}) recurring.remove(id);
    });
    wait_until([&process] { return process.is_over(); }, [] { return "a client does not end"; });
  }

  Report report() {
    Report report{.violation = journal_.violation(),
                  .digest = scheduler_.digest(),
                  .steps = scheduler_.steps(),
                  .verbs = universe_.verbs,
                  .jobs = ledger_.order().size(),
                  .executions = ledger_.executions(),
                  .accepted = ledger_.accepted(),
                  .processes = processes_.size() - 1,
                  .faults = faults_.injected(),
                  .by_kind = faults_.by_kind(),
                  .used = used_};
    report.lasted = std::chrono::floor<milliseconds>(scheduler_.now().time_since_epoch() -
                                                     std::chrono::hours{1});
    report.used.faults = faults_.injected();
    return report;
  }

  const Scenario scenario_;
  Chance chance_;
  Scenario used_;
  Group base_{.name = "storage"};
  Scheduler scheduler_;
  Journal journal_;
  Faults faults_;
  Ledger ledger_;
  std::shared_ptr<Storage> truth_;
  Universe universe_;
  KnownJobs known_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<Place> places_;
  std::vector<Process*> clients_;
};

}  // namespace

Report simulate(const Scenario& scenario, std::FILE* output) {
  World world{scenario, output};
  return world.run();
}

}  // namespace portfire::simulation
