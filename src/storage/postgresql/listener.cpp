#include "storage/postgresql/listener.hpp"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <utility>

#include "storage/postgresql/errors.hpp"

namespace portfire::postgresql {

namespace {

using std::chrono::milliseconds;

struct FreeMemory {
  void operator()(PGnotify* notification) const noexcept { PQfreemem(notification); }
};

void set(int event) {
  const std::uint64_t one = 1;
  // Cannot fail: the counter is far from full.
  [[maybe_unused]] const auto written = ::write(event, &one, sizeof one);
}

}  // namespace

// Nearly all transactions are over after the first, those of a busy disk after the second.
Repetitions usual_repetitions() {
  return {milliseconds{10}, milliseconds{100}, milliseconds{1000}};
}

Listener::Listener(const Settings& settings, WakeupHub& hub, Repetitions repetitions)
    : settings_{settings},
      hub_{hub},
      repetitions_{std::move(repetitions)},
      runtime_{*settings.runtime()},
      call_fd_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)},
      stop_fd_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)},
      thread_{runtime_, hub, settings.options().poll_interval} {
  thread_.start({.listen = [this] { listen(); }, .forget = [this] { forget(); }});
}

Listener::~Listener() {
  thread_.stop([this] {
    set(stop_fd_);
    call();
  });
  if (call_fd_ >= 0) ::close(call_fd_);
  if (stop_fd_ >= 0) ::close(stop_fd_);
}

void Listener::remove_subscriber(const std::vector<std::string>& topics) {
  if (list_.remove_subscriber(topics)) call();
}

void Listener::begin_wait(const std::vector<std::string>& topics) {
  if (list_.begin_wait(topics)) call();
}

void Listener::call() { set(call_fd_); }

void Listener::listen() {
  Connection connection{
      settings_, "listen", {.silence = settings_.options().answer_timeout, .called_off = stop_fd_}};
  connection.execute("LISTEN " + quoted_name("portfire." + settings_.schema()));
  connection.run(Query::forget_deaf);
  asked_at_ = runtime_.steady_now();
  thread_.connected();
  while (!thread_.is_stopping()) {
    change_list(connection);
    pass_on(connection);
    repeat();
    probe(connection);
    wait_for_news(PQsocket(connection.handle()));
  }
}

void Listener::forget() {
  list_.reset();
  fresh_.clear();
}

void Listener::change_list(Connection& connection) {
  const TopicList::Changes changes = list_.take_changes();
  if (changes.listed.empty() && changes.withdrawn.empty()) return;
  connection.run(Query::list_topics, changes.listed, changes.withdrawn);
  const SteadyPoint now = runtime_.steady_now();
  for (const std::string& topic : changes.listed) fresh_[topic] = {.at = now};
  hub_.notify(changes.listed);
}

void Listener::pass_on(Connection& connection) {
  if (PQconsumeInput(connection.handle()) != 1) {
    throw_connection_error(settings_.place(), "listen", PQerrorMessage(connection.handle()));
  }
  std::vector<std::string> topics;
  bool has_changes = false;
  while (
      const std::unique_ptr<PGnotify, FreeMemory> notification{PQnotifies(connection.handle())}) {
    topics.emplace_back(notification->extra);
    has_changes = list_.hear(topics.back()) || has_changes;
  }
  hub_.notify(topics);
  if (has_changes) call();
}

void Listener::repeat() {
  const SteadyPoint now = runtime_.steady_now();
  std::vector<std::string> topics;
  for (auto one = fresh_.begin(); one != fresh_.end();) {
    auto& [topic, listing] = *one;
    if (listing.repetitions < repetitions_.size() &&
        listing.at + repetitions_[listing.repetitions] <= now) {
      topics.push_back(topic);
      ++listing.repetitions;
    }
    one = listing.repetitions == repetitions_.size() ? fresh_.erase(one) : std::next(one);
  }
  hub_.notify(topics);
}

// Silence is usual here: whether anybody is there at the other end shows only when asked.
void Listener::probe(Connection& connection) {
  const SteadyPoint now = runtime_.steady_now();
  if (now - asked_at_ < settings_.options().answer_timeout) return;
  connection.ask("SELECT");
  asked_at_ = now;
}

int Listener::milliseconds_to_next() const {
  SteadyPoint next = asked_at_ + settings_.options().answer_timeout;
  for (const auto& [topic, listing] : fresh_) {
    next = std::min(next, listing.at + repetitions_[listing.repetitions]);
  }
  const auto left = std::chrono::ceil<milliseconds>(next - runtime_.steady_now());
  return static_cast<int>(std::max(left, milliseconds{0}).count());
}

void Listener::wait_for_news(int socket) {
  std::array<pollfd, 2> sources{pollfd{socket, POLLIN, 0}, pollfd{call_fd_, POLLIN, 0}};
  if (::poll(sources.data(), sources.size(), milliseconds_to_next()) <= 0) return;
  std::uint64_t calls = 0;
  // What was asked is in the list; that there was a call is enough.
  [[maybe_unused]] const auto got = ::read(call_fd_, &calls, sizeof calls);
}

}  // namespace portfire::postgresql
