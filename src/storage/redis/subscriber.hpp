#pragma once

// The connection that is subscribed, and the thread that reads from it.

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <portfire/runtime.hpp>

#include "storage/common/listening.hpp"
#include "storage/common/listening_thread.hpp"
#include "storage/common/topic_list.hpp"
#include "storage/common/wakeup_hub.hpp"
#include "storage/redis/connector.hpp"

namespace portfire::redis {

// Passes on to the hub what is published, until destroyed, except what this storage has told its
// hub by itself. While there is no connection it tries to make one, and sends everybody to look
// from time to time.
//
// Scripts publish what they have done before anybody else can see it. So whoever looks after the
// server has confirmed a subscription misses nothing, and is woken then to do so.
//
// Threads: any.
class Subscriber final : public NewsSource {
 public:
  // Both outlive the subscriber.
  Subscriber(const Settings& settings, WakeupHub& hub);
  ~Subscriber() override;
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  [[nodiscard]] bool is_listening() const override { return thread_.is_listening(); }
  void add_subscriber(const std::vector<std::string>& topics) override;
  void remove_subscriber(const std::vector<std::string>& topics) override;
  void begin_wait(const std::vector<std::string>& topics) override;
  void end_wait(const std::vector<std::string>& topics) override;

 private:
  // A descriptor that is readable from `set` until `clear`.
  class Signal {
   public:
    Signal();
    ~Signal();
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;
    void set() const;
    void clear() const;
    [[nodiscard]] int descriptor() const { return descriptor_; }

   private:
    const int descriptor_;
  };

  void listen();
  void change_subscriptions(Connection& connection);
  void hear(const Reply& reply);
  std::vector<std::string> topics_of(const std::string& channel);

  const Settings& settings_;
  WakeupHub& hub_;
  Runtime& runtime_;
  const std::string channel_prefix_;
  Connector connector_;
  TopicList channels_;
  const Signal call_;   // there is something to change
  const Signal leave_;  // the end
  std::mutex mutex_;
  // How many subscriptions have which topics of a channel.
  std::map<std::string, std::map<std::string, std::size_t>, std::less<>>
      topics_;  // guarded by mutex_
  ListeningThread thread_;
};

}  // namespace portfire::redis
