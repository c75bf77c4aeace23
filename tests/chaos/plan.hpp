#pragma once

// What goes wrong, and when: a seed says it.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <vector>

#include "chaos/engine.hpp"
#include "chaos/servers.hpp"

namespace portfire::chaos {

// How often something has gone wrong.
struct Tally {
  int kills = 0;            // of servers, by SIGKILL
  int stops = 0;            // of servers, by SIGSTOP, mostly past their lease
  int engine_restarts = 0;  // in order
  int engine_kills = 0;     // by SIGKILL
  int engine_stops = 0;     // by SIGSTOP
  int cuts = 0;             // of connections
  int delays = 0;           // of all that passes
  int full_disks = 0;
};

// Threads: one, the one that made the servers.
class Plan {
 public:
  Plan(Engine& engine, Servers& servers, std::uint64_t seed);

  // Does harm for so long, then repairs everything.
  Tally run(std::chrono::seconds length);

 private:
  using Clock = std::chrono::steady_clock;
  using Harm = void (Plan::*)();
  using Span = std::chrono::milliseconds;

  void do_harm();
  void fill_deck();
  void kill_server();
  void stop_server();
  void cut_connections();
  void cut_in_the_middle();
  void delay_connections();
  void refuse_connections();
  void trouble_gate(void (TcpGate::*begin)(), int& count);
  void restart_engine();
  void kill_engine();
  void stop_engine();
  void fill_disk();

  // Later, or at the end at the latest.
  void repair_after(Span span, std::function<void()> repair);
  void trouble_engine(Span span, std::function<void()> repair);
  std::size_t some_place();
  int random(int lowest, int highest);
  Span random_span(Span shortest, Span longest);

  Engine& engine_;
  Servers& servers_;
  std::mt19937_64 chance_;
  std::vector<Harm> deck_;
  std::multimap<Clock::time_point, std::function<void()>> repairs_;
  bool is_engine_in_trouble_ = false;
  bool is_gate_in_trouble_ = false;
  Tally tally_;
};

}  // namespace portfire::chaos
