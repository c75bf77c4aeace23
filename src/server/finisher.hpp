#pragma once

// Stores how executions ended: group commit, whatever has gathered while the last flush was under
// way.

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include <portfire/log.hpp>
#include <portfire/runtime.hpp>
#include <portfire/storage/storage.hpp>

#include "server/performer.hpp"
#include "server/trouble.hpp"

namespace portfire::server {

// Flushes at once when no flush is under way, otherwise gathers until it returns: no timer, no
// latency when idle, larger commits under load. Threads: `add` by any; the rest by the owner.
class Finisher {
 public:
  Finisher(Storage& storage, Runtime& runtime, const Performer& performer, const LogSink& log);
  ~Finisher();

  void start();

  void add(Completion completion);

  // News of a running execution; stored before any completion that is added later.
  void add(Report report);

  // Added and not yet stored.
  [[nodiscard]] std::size_t pending() const { return pending_.load(); }

  // Sets `event` whenever a flush has ended, from now on.
  void notify_when_flushed(Event& event) { flushed_event_.store(&event); }

  // Pokes `subscription` whenever a suspect has ended, from now on: the next one may be claimed.
  void poke_when_suspect_ends(Subscription& subscription) { suspect_ended_.store(&subscription); }

  // Ends a wait after an error. Any thread.
  void look_again() { pause_->set(); }

  // Stores the rest and ends. An unreachable storage is given up at `deadline`.
  void stop(SteadyPoint deadline);

 private:
  void loop();
  void flush(std::vector<Completion> completions);
  void put_off_busy(std::vector<Completion>& completions);
  void try_busy_again();
  bool give_up_busy();
  void give_back(std::vector<Completion>& completions);
  void report(std::vector<Report> reports);
  void commit(std::span<Completion> completions);
  bool commit_once(std::span<Completion> completions);
  void settle(const Completion& completion, const Unit& unit, const CommitResult& result);
  [[nodiscard]] Unit without_refused(const Completion& completion, Unit unit,
                                     const CommitResult& result) const;
  [[nodiscard]] Unit plain_failure(const Completion& completion, const std::string& message) const;
  bool store_failure(Completion& completion, const std::string& message);
  bool wait_to_retry(std::string_view message);
  void log_lost() const;

  Storage& storage_;
  Runtime& runtime_;
  const Performer& performer_;
  const LogSink& log_;
  const std::unique_ptr<Event> event_;  // something was added
  const std::unique_ptr<Event> pause_;  // try again now
  std::unique_ptr<Task> task_;
  std::stop_source stop_;
  std::atomic<SteadyPoint> deadline_{SteadyPoint::max()};
  std::atomic<Event*> flushed_event_{nullptr};
  std::atomic<Subscription*> suspect_ended_{nullptr};
  std::atomic<std::size_t> pending_{0};
  Trouble trouble_;  // used by the task

  // Outcomes of jobs that somebody else holds just now: tried again, ever more rarely, while the
  // others go on. Used by the task.
  std::vector<Completion> busy_;
  SteadyPoint busy_until_;
  Duration busy_pause_;

  std::mutex mutex_;
  std::vector<Completion> gathered_;  // guarded by mutex_
  std::vector<Report> reports_;       // guarded by mutex_
};

}  // namespace portfire::server
