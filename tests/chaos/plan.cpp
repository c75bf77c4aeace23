#include "chaos/plan.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <stop_token>
#include <utility>
#include <vector>

#include "chaos/work.hpp"

namespace portfire::chaos {

using namespace std::chrono_literals;

namespace {

using Span = std::chrono::milliseconds;

int random(std::mt19937_64& chance, int lowest, int highest) {
  return std::uniform_int_distribution{lowest, highest}(chance);
}

Span random_span(std::mt19937_64& chance, Span shortest, Span longest) {
  return Span{
      random(chance, static_cast<int>(shortest.count()), static_cast<int>(longest.count()))};
}

std::size_t some_place(std::mt19937_64& chance) {
  return static_cast<std::size_t>(random(chance, 0, static_cast<int>(Servers::count) - 1));
}

}  // namespace

std::string_view name_of(Harm harm) {
  static constexpr std::array<std::string_view, harms> names{
      "kills",  "stops",    "full disks",      "cuts",         "cuts in the middle",
      "delays", "refusals", "engine restarts", "engine kills", "engine stops"};
  return names.at(static_cast<std::size_t>(harm));
}

Plan::Plan(Engine& engine, Servers& servers, std::uint64_t seed)
    : engine_{engine},
      servers_{servers},
      suits_{{Harm::kill, 10, &Plan::kill_server},
             {Harm::stop, 4, &Plan::stop_server},
             {Harm::full_disk, 1, &Plan::fill_disk}},
      chance_{seed} {
  if (engine_.gate() != nullptr) {
    suits_.insert(suits_.end(), {{Harm::cut, 4, &Plan::cut_connections},
                                 {Harm::cut_in_the_middle, 4, &Plan::cut_in_the_middle},
                                 {Harm::delay, 2, &Plan::delay_connections},
                                 {Harm::refusal, 1, &Plan::refuse_connections}});
  }
  if (engine_.has_server()) {
    suits_.insert(suits_.end(), {{Harm::engine_restart, 1, &Plan::restart_engine},
                                 {Harm::engine_kill, 1, &Plan::kill_engine},
                                 {Harm::engine_stop, 1, &Plan::stop_engine}});
  }
}

Tally Plan::run(std::chrono::seconds length) {
  const auto runtime = thread_runtime();
  const auto event = runtime->make_event();
  const auto end = Clock::now() + length;
  const auto last_end = length < whole_run ? end : end + length;
  auto next_harm = Clock::now();
  for (auto now = next_harm; now < end || (now < last_end && !missing().empty());
       now = Clock::now()) {
    auto next = now < end ? std::min(next_harm, end) : next_harm;
    if (!repairs_.empty()) next = std::min(next, repairs_.begin()->first);
    event->wait_until(runtime->steady_now() + (next - now), {});
    repair_due();
    if (Clock::now() < next_harm) continue;
    do_harm();
    next_harm = Clock::now() + random_span(chance_, 50ms, 700ms);
  }
  while (!repairs_.empty()) repairs_.extract(repairs_.begin()).mapped()();
  if (engine_.gate() != nullptr) engine_.gate()->take_back();
  return tally();
}

void Plan::repair_due() {
  while (!repairs_.empty() && repairs_.begin()->first <= Clock::now()) {
    repairs_.extract(repairs_.begin()).mapped()();
  }
}

Tally Plan::tally() const {
  Tally tally = done_;
  if (engine_.gate() != nullptr) {
    tally[Harm::cut_in_the_middle] = static_cast<int>(engine_.gate()->cuts_in_the_middle());
  }
  return tally;
}

std::vector<Harm> Plan::missing() const {
  const Tally done = tally();
  std::vector<Harm> missing;
  for (const Suit& suit : suits_) {
    if (done[suit.harm] == 0) missing.push_back(suit.harm);
  }
  return missing;
}

// What cannot be done now stays in the deck, to be done later. The chance of a card is its own, so
// that one that waits changes nothing about the others.
void Plan::do_harm() {
  if (deck_.empty()) fill_deck();
  for (auto card = deck_.rbegin(); card != deck_.rend(); ++card) {
    Chance chance{card->seed};
    if (!(this->*card->deed)(chance)) continue;
    deck_.erase(std::next(card).base());
    return;
  }
}

// Shuffled cards instead of dice: of every harm there is some, however short the run.
void Plan::fill_deck() {
  for (const Suit& suit : suits_) {
    for (std::size_t i = 0; i < suit.cards; ++i) deck_.push_back({suit.deed, chance_()});
  }
  std::ranges::shuffle(deck_, chance_);
}

bool Plan::kill_server(Chance& chance) {
  const std::size_t place = some_place(chance);
  const bool is_alone = random(chance, 0, 1) == 0;
  const Span pause = random_span(chance, 0ms, 1500ms);
  if (!servers_.kill(place)) return false;
  ++done_[Harm::kill];
  repair_after(pause, [this, place, is_alone] { servers_.start(place, is_alone); });
  return true;
}

bool Plan::stop_server(Chance& chance) {
  const std::size_t place = some_place(chance);
  const Span span = random_span(chance, 500ms, 2500ms + lease);
  if (!servers_.stop(place)) return false;
  ++done_[Harm::stop];
  repair_after(span, [this, place] { servers_.go_on(place); });
  return true;
}

bool Plan::cut_connections(Chance& /*chance*/) {
  engine_.gate()->cut();
  ++done_[Harm::cut];
  return true;
}

// Whether it lands within a message, the gate knows when it has happened.
bool Plan::cut_in_the_middle(Chance& chance) {
  const auto way = random(chance, 0, 1) == 0 ? TcpGate::Way::to_server : TcpGate::Way::to_client;
  constexpr int most_bytes = 4000;
  const auto bytes = static_cast<std::size_t>(random(chance, 0, most_bytes));
  if (engine_.gate()->is_about_to_cut()) return false;
  engine_.gate()->cut_after(way, bytes);
  return true;
}

bool Plan::delay_connections(Chance& chance) {
  return trouble_gate(&TcpGate::stall, Harm::delay, chance);
}

bool Plan::refuse_connections(Chance& chance) {
  return trouble_gate(&TcpGate::close, Harm::refusal, chance);
}

bool Plan::trouble_gate(void (TcpGate::*begin)(), Harm harm, Chance& chance) {
  const Span span = random_span(chance, 50ms, 3000ms);
  if (std::exchange(is_gate_in_trouble_, true)) return false;
  (engine_.gate()->*begin)();
  ++done_[harm];
  repair_after(span, [this] {
    engine_.gate()->open();
    is_gate_in_trouble_ = false;
  });
  return true;
}

bool Plan::restart_engine(Chance& /*chance*/) {
  if (is_engine_in_trouble_) return false;
  engine_.restart();
  ++done_[Harm::engine_restart];
  return true;
}

bool Plan::kill_engine(Chance& /*chance*/) {
  if (is_engine_in_trouble_) return false;
  engine_.kill();
  ++done_[Harm::engine_kill];
  return true;
}

bool Plan::stop_engine(Chance& chance) {
  const Span span = random_span(chance, 200ms, 4000ms);
  if (is_engine_in_trouble_) return false;
  engine_.freeze();
  ++done_[Harm::engine_stop];
  trouble_engine(span, [this] { engine_.thaw(); });
  return true;
}

bool Plan::fill_disk(Chance& chance) {
  const Span span = random_span(chance, 200ms, 2000ms);
  if (is_engine_in_trouble_) return false;
  engine_.fill_disk(servers_.processes());
  ++done_[Harm::full_disk];
  trouble_engine(span, [this] { engine_.empty_disk(servers_.processes()); });
  return true;
}

void Plan::repair_after(Span span, std::function<void()> repair) {
  repairs_.emplace(Clock::now() + span, std::move(repair));
}

// One at a time.
void Plan::trouble_engine(Span span, std::function<void()> repair) {
  is_engine_in_trouble_ = true;
  repair_after(span, [this, repair = std::move(repair)] {
    repair();
    is_engine_in_trouble_ = false;
  });
}

}  // namespace portfire::chaos
