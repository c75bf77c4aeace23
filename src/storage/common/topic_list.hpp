#pragma once

// For which topics this process should be listed where others look whom to tell (in the database,
// as a subscriber of the server): those that somebody here waits for. It is listed when a wait
// begins, and stays until notifications come that nobody waits for, so that neither a busy server
// nor an idle one changes the list again and again.

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace portfire {

// Threads: any.
class TopicList {
 public:
  using Topics = std::vector<std::string>;

  void add_subscriber(const Topics& topics);
  // These two answer whether there is something to change there.
  bool remove_subscriber(const Topics& topics);
  bool begin_wait(const Topics& topics);
  void end_wait(const Topics& topics);

  // A notification has come, before it was passed on. Answers as above.
  bool hear(const std::string& topic);

  // What to change there; from now on it counts as done. Whoever begins to wait while it
  // is being done relies on being woken afterwards.
  struct Changes {
    Topics listed;
    Topics withdrawn;
  };
  Changes take_changes();

  // Nothing is listed (any more). Those who wait must begin anew.
  void reset();

 private:
  struct Topic {
    std::size_t subscribers = 0;
    std::size_t waiting = 0;
    std::size_t unheard = 0;  // notifications since the last wait began
    bool listed = false;
    bool wanted = false;
  };

  std::mutex mutex_;
  std::map<std::string, Topic, std::less<>> topics_;  // guarded by mutex_
  std::set<std::string> changed_;                     // guarded by mutex_
};

}  // namespace portfire
