#pragma once

// The connection that listens, and the thread that reads from it.

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <portfire/runtime.hpp>

#include "storage/common/listening.hpp"
#include "storage/common/listening_thread.hpp"
#include "storage/common/topic_list.hpp"
#include "storage/common/wakeup_hub.hpp"
#include "storage/postgresql/connection.hpp"

namespace portfire::postgresql {

// How much later all are woken once more who wait for a topic that has been listed.
using Repetitions = std::vector<Duration>;
Repetitions usual_repetitions();

// Passes on to the hub what the database tells, until destroyed. While there is no connection it
// tries to make one.
//
// A transaction that looked at the list before this process was on it and commits afterwards tells
// nobody here. Therefore everybody is woken when a topic has been listed, and a few times more, to
// look for himself.
//
// Threads: any.
class Listener final : public NewsSource {
 public:
  // Both outlive the listener.
  Listener(const Settings& settings, WakeupHub& hub, Repetitions repetitions = usual_repetitions());
  ~Listener() override;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] bool is_listening() const override { return thread_.is_listening(); }
  void add_subscriber(const std::vector<std::string>& topics) override {
    list_.add_subscriber(topics);
  }
  void remove_subscriber(const std::vector<std::string>& topics) override;
  void begin_wait(const std::vector<std::string>& topics) override;
  void end_wait(const std::vector<std::string>& topics) override { list_.end_wait(topics); }

 private:
  // Since when a topic is listed, and how often those who wait have been woken since.
  struct Listing {
    SteadyPoint at;
    std::size_t repetitions = 0;
  };

  void listen();
  void forget();
  void change_list(Connection& connection);
  void pass_on(Connection& connection);
  void repeat();
  void probe(Connection& connection);
  [[nodiscard]] int milliseconds_to_next() const;
  void wait_for_news(int socket);
  void call();

  const Settings& settings_;
  WakeupHub& hub_;
  const Repetitions repetitions_;
  Runtime& runtime_;
  TopicList list_;
  SteadyPoint asked_at_;  // of the thread: when the database was last known to answer
  std::map<std::string, Listing> fresh_;  // of the thread: listed topics with repetitions to come
  int call_fd_ = -1;                      // wakes the thread
  int stop_fd_ = -1;                      // readable once it is to end, whatever it waits for
  ListeningThread thread_;
};

}  // namespace portfire::postgresql
