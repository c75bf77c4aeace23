#include "chaos/plan.hpp"

#include <algorithm>
#include <stop_token>
#include <utility>
#include <vector>

#include "chaos/work.hpp"

namespace portfire::chaos {

using namespace std::chrono_literals;

Plan::Plan(Engine& engine, Servers& servers, std::uint64_t seed)
    : engine_{engine}, servers_{servers}, chance_{seed} {}

Tally Plan::run(std::chrono::seconds length) {
  const auto runtime = thread_runtime();
  const auto event = runtime->make_event();
  const auto end = Clock::now() + length;
  auto next_harm = Clock::now();
  while (Clock::now() < end) {
    auto next = std::min(next_harm, end);
    if (!repairs_.empty()) next = std::min(next, repairs_.begin()->first);
    event->wait_until(runtime->steady_now() + (next - Clock::now()), {});
    while (!repairs_.empty() && repairs_.begin()->first <= Clock::now()) {
      repairs_.extract(repairs_.begin()).mapped()();
    }
    if (Clock::now() < next_harm) continue;
    do_harm();
    next_harm = Clock::now() + random_span(50ms, 700ms);
  }
  while (!repairs_.empty()) repairs_.extract(repairs_.begin()).mapped()();
  return tally_;
}

void Plan::do_harm() {
  if (deck_.empty()) fill_deck();
  const Harm harm = deck_.back();
  deck_.pop_back();
  (this->*harm)();
}

// Shuffled cards instead of dice: of every harm there is some, however short the run.
void Plan::fill_deck() {
  const auto add = [this](std::size_t times, Harm harm) { deck_.insert(deck_.end(), times, harm); };
  add(10, &Plan::kill_server);
  add(4, &Plan::stop_server);
  add(1, &Plan::fill_disk);
  if (engine_.gate() != nullptr) {
    add(4, &Plan::cut_connections);
    add(4, &Plan::cut_in_the_middle);
    add(2, &Plan::delay_connections);
    add(1, &Plan::refuse_connections);
  }
  if (engine_.has_server()) {
    add(1, &Plan::restart_engine);
    add(1, &Plan::kill_engine);
    add(1, &Plan::stop_engine);
  }
  std::ranges::shuffle(deck_, chance_);
}

void Plan::kill_server() {
  const std::size_t place = some_place();
  // On which machine the next one is, and when it comes, must not depend on what was hit.
  const bool is_alone = random(0, 1) == 0;
  const Span pause = random_span(0ms, 1500ms);
  if (!servers_.kill(place)) return;
  ++tally_.kills;
  repair_after(pause, [this, place, is_alone] { servers_.start(place, is_alone); });
}

void Plan::stop_server() {
  const std::size_t place = some_place();
  const Span span = random_span(500ms, 2500ms + lease);
  if (!servers_.stop(place)) return;
  ++tally_.stops;
  repair_after(span, [this, place] { servers_.go_on(place); });
}

void Plan::cut_connections() {
  engine_.gate()->cut();
  ++tally_.cuts;
}

// Of a message, of an answer, or between them.
void Plan::cut_in_the_middle() {
  const auto way = random(0, 1) == 0 ? TcpGate::Way::to_server : TcpGate::Way::to_client;
  constexpr int most_bytes = 4000;
  engine_.gate()->cut_after(way, static_cast<std::size_t>(random(0, most_bytes)));
  ++tally_.cuts;
}

void Plan::delay_connections() { trouble_gate(&TcpGate::stall, tally_.delays); }

void Plan::refuse_connections() { trouble_gate(&TcpGate::close, tally_.cuts); }

void Plan::trouble_gate(void (TcpGate::*begin)(), int& count) {
  const Span span = random_span(50ms, 3000ms);
  if (std::exchange(is_gate_in_trouble_, true)) return;
  (engine_.gate()->*begin)();
  ++count;
  repair_after(span, [this] {
    engine_.gate()->open();
    is_gate_in_trouble_ = false;
  });
}

void Plan::restart_engine() {
  if (is_engine_in_trouble_) return;
  engine_.restart();
  ++tally_.engine_restarts;
}

void Plan::kill_engine() {
  if (is_engine_in_trouble_) return;
  engine_.kill();
  ++tally_.engine_kills;
}

void Plan::stop_engine() {
  const Span span = random_span(200ms, 4000ms);
  if (is_engine_in_trouble_) return;
  engine_.freeze();
  ++tally_.engine_stops;
  trouble_engine(span, [this] { engine_.thaw(); });
}

void Plan::fill_disk() {
  const Span span = random_span(200ms, 2000ms);
  if (is_engine_in_trouble_) return;
  engine_.fill_disk(servers_.processes());
  ++tally_.full_disks;
  trouble_engine(span, [this] { engine_.empty_disk(servers_.processes()); });
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

std::size_t Plan::some_place() {
  return static_cast<std::size_t>(random(0, static_cast<int>(Servers::count) - 1));
}

int Plan::random(int lowest, int highest) {
  return std::uniform_int_distribution{lowest, highest}(chance_);
}

Plan::Span Plan::random_span(Span shortest, Span longest) {
  return Span{random(static_cast<int>(shortest.count()), static_cast<int>(longest.count()))};
}

}  // namespace portfire::chaos
