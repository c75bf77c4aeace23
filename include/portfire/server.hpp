#pragma once

/// The server: claims jobs, runs them on its workers, stores how they went, and looks after
/// everything that must happen in time.
///
/// Ownership: keeps the storage open and copies handlers and options. Several servers live in one
/// process. Threads: `start`, `stop` and `run` by the owner; the rest from any thread.
/// Errors: the constructor throws `UsageError`, naming field, value and rule. While it runs,
/// storage errors are logged and retried; they never end a server.
///
/// A server can be asked to stop from elsewhere (`Coordination::ask_to_stop`): it then stops as by
/// `stop()`, on a thread of its own, and `run()` returns. It may be started again.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <portfire/background_process.hpp>
#include <portfire/filter.hpp>
#include <portfire/handlers.hpp>
#include <portfire/isolation.hpp>
#include <portfire/log.hpp>
#include <portfire/retry.hpp>
#include <portfire/stack_tracer.hpp>
#include <portfire/storage/storage.hpp>

namespace portfire {

struct ServerOptions {
  /// Jobs that run at once, 1 to 1,000; one thread each. Zero: five per processor core, at most 20.
  int workers = 0;

  /// Served in this order: a later queue gets its turn when the earlier ones are empty.
  /// `[a-z0-9_-]+`.
  std::vector<std::string> queues = {"default"};

  /// Turns by lot instead: a queue of weight 3 is served first three times as often as one of
  /// weight 1, and none ever waits for all the others to be empty. 1 to 1,000; 1 for queues not
  /// named here. Empty: in the order above.
  std::map<std::string, int> weights = {};

  /// Shown to people; empty: `host:pid`.
  std::string name = {};

  /// Jobs claimed beyond the free workers, 0 to 100,000. How many really are depends on how short
  /// the jobs are: long ones are never hoarded.
  int prefetch = 1000;

  /// Others may take this server's jobs when it has not been heard of for this long; 1 s to 1 h.
  /// Heartbeats are sent six times as often.
  Duration lease = std::chrono::seconds{30};

  /// `stop()`: how long running jobs may go on undisturbed before their stop tokens fire …
  Duration stop_timeout = std::chrono::seconds{5};
  /// … and how long from its beginning until those that still run are given back.
  Duration shutdown_timeout = std::chrono::seconds{15};

  /// How late things may be noticed when a wake-up was lost; 10 ms to 1 h.
  Duration poll_interval = std::chrono::seconds{5};

  /// The retry policy of jobs without one of their own.
  RetryOptions retry = {};
  /// False: no retry filter; give your own among `filters`, or let failures stand.
  bool automatic_retry = true;

  /// For all jobs of this server, beside those of each handler.
  Filters filters = {};

  /// How long Succeeded and Deleted jobs are kept.
  Duration retention = default_retention;
  /// How long Failed jobs are kept; zero: until somebody acts.
  Duration failed_retention = Duration::zero();

  /// Crashes of servers blamed on one job before it becomes Failed; 0: never. Of isolated jobs:
  /// crashes of its own process, one after the other, after which it is not retried any more.
  int crash_limit = 3;

  /// A directory in which the process, when a signal ends it (SIGSEGV, SIGBUS, SIGILL, SIGFPE,
  /// SIGABRT), leaves what it was running and where it crashed. The next server with the same
  /// directory puts that into the jobs' histories and blames the one that crashed, and no other.
  /// It is made if it is not there; one for each storage. Empty: no records, and no signal
  /// handlers.
  std::string crash_directory = {};

  /// Bytes kept of an exception's messages, nesting included; 100 to 1,000,000.
  int error_limit = 10'000;

  /// Where jobs run that do not say it themselves. With `process` for any of them, the program must
  /// call `serve_isolated` first; see `<portfire/isolation.hpp>`.
  Isolation isolation = Isolation::thread;
  /// The processes of isolated jobs.
  ChildOptions children = {};
  /// Finds out where exceptions were thrown: `stack_traces()` of `portfire/stack_traces.hpp`. Null:
  /// failures are stored without stacks, and those of crashes name no functions.
  std::shared_ptr<StackTracer> stack_tracer = {};

  /// False: only runs jobs; due jobs, dead servers and expiry are left to other servers.
  bool maintenance = true;

  /// Steps of your own, each on a thread of its own.
  std::vector<std::shared_ptr<BackgroundProcess>> processes = {};

  LogSink log = spdlog_sink();
};

class Server {
 public:
  Server(std::shared_ptr<Storage> storage, Handlers handlers, ServerOptions options = {});

  /// Stops, if it runs.
  ~Server();

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Announces the server and starts its threads. Returns when it is known to the storage.
  /// Throws `StorageError` when the storage cannot be reached, `UsageError` when it runs already.
  void start();

  /// Stops in three phases: no more claims, running jobs go on; after `stop_timeout` their stop
  /// tokens fire; at `shutdown_timeout` what still runs is given back, its attempt not spent. Every
  /// outcome reached by then is stored. Idempotent. Handlers that ignore their token are waited
  /// for.
  void stop();

  /// `start()`, waits for SIGINT, SIGTERM or the wish of somebody elsewhere, `stop()`. A second
  /// signal ends the process at once. Meant for `main`, before other threads exist: the two signals
  /// are blocked for the whole process.
  void run();

  /// The identity of the present (or last) start; changes when a lost lease forces a rejoin.
  [[nodiscard]] ServerId id() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace portfire
