#pragma once

// Whoever enqueues: jobs of all kinds, all the time.

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <random>
#include <stop_token>

#include <portfire/portfire.hpp>

#include "chaos/record.hpp"

namespace portfire::chaos {

// Threads: one; several of them share record and numbers.
class Producer {
 public:
  Producer(std::shared_ptr<Storage> storage, Record& record, std::atomic<Number>& numbers,
           std::uint64_t seed);

  // Until the stop. What storages throw is what is tested; anything else is thrown on.
  void run(std::stop_token stop);

 private:
  using Deed = void (Producer::*)();

  void one();
  void several();
  void delayed();
  void family();
  void batch();
  void unique();
  void failing();
  void sequence();
  void bearing();
  void flow();

  // With a job that waits for the batch, where that was accepted.
  void follow(const Call& members);
  // Runs a call, fills in what became of it, and notes it. Whether it was accepted.
  template <class Body>
  bool attempt(Call& call, Body body);
  bool add(Call& call, Enqueuer& enqueuer, int failures = 0, int children = 0);
  void keep_pace(std::stop_token stop);

  int random(int lowest, int highest);
  int milliseconds();
  Number next_number() { return ++numbers_; }

  Client client_;
  Record& record_;
  std::atomic<Number>& numbers_;
  std::mt19937_64 chance_;
  std::deque<JobId> latest_;
};

}  // namespace portfire::chaos
