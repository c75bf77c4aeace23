#include "storage/redis/subscriber.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "storage/redis/channels.hpp"
#include "storage/redis/protocol.hpp"

namespace portfire::redis {

namespace {

std::vector<std::string> channels_of(const std::vector<std::string>& topics) {
  std::set<std::string> channels;
  for (const std::string& topic : topics) channels.insert(channel_of(topic));
  return {channels.begin(), channels.end()};
}

}  // namespace

Subscriber::Signal::Signal() : descriptor_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
  if (descriptor_ >= 0) return;
  throw StorageError{"no eventfd: " + std::generic_category().message(errno),
                     {.operation = "subscribe", .native_code = errno, .retryable = true}};
}

Subscriber::Signal::~Signal() { ::close(descriptor_); }

void Subscriber::Signal::set() const {
  const std::uint64_t one = 1;
  // Cannot fail: the counter is far from full.
  [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

void Subscriber::Signal::clear() const {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(descriptor_, &count, sizeof count);
}

Subscriber::Subscriber(const Settings& settings, WakeupHub& hub)
    : settings_{settings},
      hub_{hub},
      runtime_{*settings.runtime},
      channel_prefix_{settings.hash_tag() + '/'},
      connector_{settings},
      thread_{runtime_, hub, settings.poll_interval} {
  thread_.start({.listen = [this] { listen(); }, .forget = [this] { channels_.reset(); }});
}

Subscriber::~Subscriber() {
  thread_.stop([this] { leave_.set(); });
}

void Subscriber::add_subscriber(const std::vector<std::string>& topics) {
  {
    const std::scoped_lock guard{mutex_};
    for (const std::string& topic : topics) ++topics_[channel_of(topic)][topic];
  }
  channels_.add_subscriber(channels_of(topics));
}

void Subscriber::remove_subscriber(const std::vector<std::string>& topics) {
  {
    const std::scoped_lock guard{mutex_};
    for (const std::string& topic : topics) {
      const auto channel = topics_.find(channel_of(topic));
      const auto found = channel->second.find(topic);
      if (--found->second > 0) continue;
      channel->second.erase(found);
      if (channel->second.empty()) topics_.erase(channel);
    }
  }
  if (channels_.remove_subscriber(channels_of(topics))) call_.set();
}

void Subscriber::begin_wait(const std::vector<std::string>& topics) {
  if (channels_.begin_wait(channels_of(topics))) call_.set();
}

void Subscriber::end_wait(const std::vector<std::string>& topics) {
  channels_.end_wait(channels_of(topics));
}

std::vector<std::string> Subscriber::topics_of(const std::string& channel) {
  const std::scoped_lock guard{mutex_};
  std::vector<std::string> topics;
  const auto found = topics_.find(channel);
  if (found == topics_.end()) return topics;
  for (const auto& [topic, count] : found->second) topics.push_back(topic);
  return topics;
}

// A server that has nothing to tell is asked for a sign of life now and then.
void Subscriber::listen() {
  const auto connection = connector_.connect("subscribe", leave_.descriptor());
  thread_.connected();
  SteadyPoint heard = runtime_.steady_now();
  bool is_asked = false;
  while (!thread_.is_stopping()) {
    change_subscriptions(*connection);
    const Duration silence = std::chrono::floor<Duration>(runtime_.steady_now() - heard);
    if (silence >= settings_.answer_timeout) {
      if (is_asked) return;
      static constexpr std::string_view ping = "PING";
      std::string bytes;
      append_command(bytes, {&ping, 1});
      connection->send(bytes, settings_.answer_timeout);
      is_asked = true;
      heard = runtime_.steady_now();
      continue;
    }
    const auto reply = connection->receive(settings_.answer_timeout - silence, call_.descriptor());
    if (!reply) continue;
    is_asked = false;
    heard = runtime_.steady_now();
    hear(*reply);
  }
}

void Subscriber::change_subscriptions(Connection& connection) {
  call_.clear();
  const TopicList::Changes changes = channels_.take_changes();
  std::string bytes;
  const auto append = [&](std::string_view command, const std::vector<std::string>& channels) {
    if (channels.empty()) return;
    std::vector<std::string> names;
    for (const std::string& channel : channels) names.push_back(channel_prefix_ + channel);
    std::vector<std::string_view> words{command};
    words.insert(words.end(), names.begin(), names.end());
    append_command(bytes, words);
  };
  append("SUBSCRIBE", changes.listed);
  append("UNSUBSCRIBE", changes.withdrawn);
  if (!bytes.empty()) connection.send(bytes, settings_.answer_timeout);
}

void Subscriber::hear(const Reply& reply) {
  if (reply.is_error()) throw_error_reply({connector_.place(), "subscribe"}, reply.message());
  if (reply.kind() != Reply::Kind::array) return;  // the answer to a question
  const std::vector<Reply>& parts = reply.as_array();
  if (parts.size() < 3) return;
  const std::string& what = parts[0].as_text();
  if (parts[1].is_nil() || !parts[1].as_text().starts_with(channel_prefix_)) return;
  const std::string channel = parts[1].as_text().substr(channel_prefix_.size());
  if (what == "subscribe") hub_.notify(topics_of(channel));
  if (what != "message") return;
  const bool has_changes = channels_.hear(channel);
  const std::string& message = parts[2].as_text();
  if (message != settings_.mark) hub_.notify(topics_in(channel, message));
  if (has_changes) call_.set();
}

}  // namespace portfire::redis
