#pragma once

// Waiting for news that another process may have, where somebody brings them.

#include <memory>
#include <string>
#include <vector>

#include <portfire/runtime.hpp>
#include <portfire/storage/wakeup.hpp>

#include "storage/common/wakeup_hub.hpp"

namespace portfire {

// Brings news from other processes to a hub, for the topics that somebody here waits for.
// Threads: any.
class NewsSource {
 public:
  virtual ~NewsSource() = default;

  // False: nobody would be told; look from time to time. Who waits then is woken when it changes.
  [[nodiscard]] virtual bool is_listening() const = 0;

  virtual void add_subscriber(const std::vector<std::string>& topics) = 0;
  virtual void remove_subscriber(const std::vector<std::string>& topics) = 0;
  virtual void begin_wait(const std::vector<std::string>& topics) = 0;
  virtual void end_wait(const std::vector<std::string>& topics) = 0;
};

// A subscription of the hub's of which the source knows. Without a source (null), and while it does
// not listen, waits end after `poll_interval`. Runtime, source and hub outlive it.
std::unique_ptr<Subscription> listening_subscription(Runtime& runtime, WakeupHub& hub,
                                                     NewsSource* source, Duration poll_interval,
                                                     std::vector<std::string> topics);

}  // namespace portfire
