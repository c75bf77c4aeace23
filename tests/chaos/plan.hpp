#pragma once

// What goes wrong, and when: a seed says it.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string_view>
#include <vector>

#include "chaos/engine.hpp"
#include "chaos/servers.hpp"

namespace portfire::chaos {

enum class Harm : unsigned char {
  kill,               // of a server, by SIGKILL
  stop,               // of a server, by SIGSTOP, mostly past its lease
  full_disk,          // no file of data grows
  cut,                // of all connections
  cut_in_the_middle,  // of one, within a message or an answer
  delay,              // of all that passes
  refusal,            // connections are cut, and no new ones made
  engine_restart,     // in order
  engine_kill,        // by SIGKILL
  engine_stop,        // by SIGSTOP
};
inline constexpr std::size_t harms = 10;

// As the figures name it.
std::string_view name_of(Harm harm);

// How often something has gone wrong.
class Tally {
 public:
  int& operator[](Harm harm) { return counts_.at(static_cast<std::size_t>(harm)); }
  int operator[](Harm harm) const { return counts_.at(static_cast<std::size_t>(harm)); }

 private:
  std::array<int, harms> counts_{};
};

// A run of so long proves that all there is to happen has happened.
inline constexpr std::chrono::seconds whole_run{60};

// Threads: one, the one that made the servers.
class Plan {
 public:
  Plan(Engine& engine, Servers& servers, std::uint64_t seed);

  // Does harm for so long, then repairs everything. A whole run goes on until every kind of harm
  // has been done, but no longer than twice its time.
  Tally run(std::chrono::seconds length);

  // What the engine can suffer and has not suffered.
  [[nodiscard]] std::vector<Harm> missing() const;

 private:
  using Clock = std::chrono::steady_clock;
  using Span = std::chrono::milliseconds;
  using Chance = std::mt19937_64;
  // Whether it has happened, or is bound to: not everything is possible at any time.
  using Deed = bool (Plan::*)(Chance& chance);

  struct Suit {
    Harm harm;
    std::size_t cards;
    Deed deed;
  };
  struct Card {
    Deed deed;
    std::uint64_t seed;
  };

  void do_harm();
  void fill_deck();
  void repair_due();
  bool kill_server(Chance& chance);
  bool stop_server(Chance& chance);
  bool cut_connections(Chance& chance);
  bool cut_in_the_middle(Chance& chance);
  bool delay_connections(Chance& chance);
  bool refuse_connections(Chance& chance);
  bool trouble_gate(void (TcpGate::*begin)(), Harm harm, Chance& chance);
  bool restart_engine(Chance& chance);
  bool kill_engine(Chance& chance);
  bool stop_engine(Chance& chance);
  bool fill_disk(Chance& chance);

  // Later, or at the end at the latest.
  void repair_after(Span span, std::function<void()> repair);
  void trouble_engine(Span span, std::function<void()> repair);
  [[nodiscard]] Tally tally() const;

  Engine& engine_;
  Servers& servers_;
  std::vector<Suit> suits_;
  Chance chance_;
  std::vector<Card> deck_;
  std::multimap<Clock::time_point, std::function<void()>> repairs_;
  bool is_engine_in_trouble_ = false;
  bool is_gate_in_trouble_ = false;
  Tally done_;
};

}  // namespace portfire::chaos
