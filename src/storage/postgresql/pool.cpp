#include "storage/postgresql/pool.hpp"

#include <algorithm>
#include <chrono>
#include <stop_token>
#include <utility>

namespace portfire::postgresql {

namespace {

// How long after each failed attempt the next one begins; after the last of them it is the caller's
// turn. Half of each is chance, so that those who collided do not meet again.
constexpr std::chrono::milliseconds pauses_after_collisions[] = {
    std::chrono::milliseconds{0},  std::chrono::milliseconds{1},  std::chrono::milliseconds{2},
    std::chrono::milliseconds{5},  std::chrono::milliseconds{10}, std::chrono::milliseconds{20},
    std::chrono::milliseconds{50}, std::chrono::milliseconds{100}};
constexpr std::chrono::milliseconds pauses_after_losses[] = {
    std::chrono::milliseconds{0}, std::chrono::milliseconds{50}, std::chrono::milliseconds{250},
    std::chrono::milliseconds{1000}};

template <std::size_t Count>
std::optional<Duration> pause_in(const std::chrono::milliseconds (&pauses)[Count], int attempts) {
  if (attempts > static_cast<int>(Count)) return std::nullopt;
  return pauses[attempts - 1];
}

}  // namespace

Lease::Lease(Pool& pool, std::unique_ptr<Connection> connection)
    : pool_{pool}, connection_{std::move(connection)} {}

Lease::~Lease() { pool_.give_back(std::move(connection_)); }

Pool::Pool(const Settings& settings, std::size_t most)
    : settings_{settings}, most_{most}, silence_{settings.options().answer_timeout} {}

void Pool::limit_silence(Duration silence) {
  Duration before = silence_;
  while (silence < before && !silence_.compare_exchange_weak(before, silence)) {
  }
}

Lease Pool::borrow(const char* operation) { return Lease{*this, take(operation)}; }

std::unique_ptr<Connection> Pool::take(const char* operation) {
  std::unique_ptr<Event> event;
  while (true) {
    std::unique_ptr<Connection> connection;
    bool may_make = false;
    {
      const std::scoped_lock guard{mutex_};
      if (!idle_.empty()) {
        connection = std::move(idle_.back());
        idle_.pop_back();
        ++lent_;
      } else if (lent_ < most_) {
        may_make = true;
        ++lent_;
      } else {
        if (!event) event = settings_.runtime()->make_event();
        waiting_.push_back(event.get());
      }
    }
    if (connection && connection->is_usable()) {
      connection->set_operation(operation);
      connection->limit_silence(silence_);
      return connection;
    }
    if (connection || may_make) return made(operation);
    event->wait(std::stop_token{});
  }
}

// The place among the lent ones is taken already.
std::unique_ptr<Connection> Pool::made(const char* operation) {
  try {
    return std::make_unique<Connection>(settings_, operation, Limits{.silence = silence_});
  } catch (...) {
    give_back(nullptr);
    throw;
  }
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  if (connection && (!connection->is_usable() || connection->is_in_transaction())) {
    connection.reset();
  }
  const std::scoped_lock guard{mutex_};
  --lent_;
  if (connection) idle_.push_back(std::move(connection));
  if (waiting_.empty()) return;
  // Under the mutex, for as long as the event is listed its waiter keeps it.
  waiting_.front()->set();
  waiting_.pop_front();
}

std::size_t Pool::waiting() {
  const std::scoped_lock guard{mutex_};
  return waiting_.size();
}

void Pool::close_idle() {
  std::vector<std::unique_ptr<Connection>> closing;
  const std::scoped_lock guard{mutex_};
  closing.swap(idle_);
}

bool Pool::wait_to_repeat(const DatabaseError& error, int attempts, Again again) {
  std::optional<Duration> pause;
  if (error.cure() == Cure::repeat) pause = pause_in(pauses_after_collisions, attempts);
  if (error.cure() == Cure::reconnect && (again == Again::yes || !error.connection_lost())) {
    pause = pause_in(pauses_after_losses, attempts);
  }
  // They broke together, most likely.
  if (error.connection_lost() || error.cure() == Cure::reconnect) close_idle();
  if (!pause) return false;
  if (*pause > Duration::zero()) {
    Runtime& runtime = *settings_.runtime();
    const auto chance = static_cast<Duration::rep>(runtime.random() >> 33U);
    const Duration jittered = *pause / 2 + Duration{chance % pause->count()};
    const auto event = runtime.make_event();
    event->wait_until(runtime.steady_now() + jittered, std::stop_token{});
  }
  return true;
}

}  // namespace portfire::postgresql
