#pragma once

// What the simulated programs do: handlers that behave in all the ways in which handlers behave,
// and clients that use the library as programs do.

#include <vector>

#include <portfire/client.hpp>
#include <portfire/handlers.hpp>
#include <portfire/recurring.hpp>
#include <portfire/server.hpp>

#include "simulation/chance.hpp"
#include "simulation/process.hpp"

namespace portfire::simulation {

// The one kind of job: its first argument says how it behaves, the second one how much.
inline constexpr Job<int(std::string, int)> act{"act"};

// A definition that makes up for each missed occurrence; and one that does as it likes.
inline constexpr const char* gapless_definition = "every1";
inline constexpr const char* other_definition = "every2";

Handlers handlers_of(Process& process);

// Options as they suit short runs: leases of a second or two, retries within moments.
ServerOptions server_options(Chance& chance, Process& process);

// Jobs that clients have told each other of.
using KnownJobs = std::vector<JobId>;

// One program that enqueues, steers and waits. Errors of the storage are its daily bread.
class ClientProgram {
 public:
  ClientProgram(Process& process, KnownJobs& known, std::uint64_t seed, std::uint64_t stream);

  void run(int operations);

 private:
  void operate();
  void enqueue();
  void enqueue_with_options();
  void enqueue_many();
  void continue_some();
  void batch();
  void join_batch();
  void steer();
  void recur();
  void pause_queue();
  void wait();
  Creation keep(Creation creation);
  std::string behaviour();
  int amount() { return chance_.between(1, 300); }
  JobId some_job();
  void note(const char* what) const;

  Process& process_;
  KnownJobs& known_;
  Chance chance_;
  Client client_;
  RecurringJobs recurring_;
};

}  // namespace portfire::simulation
