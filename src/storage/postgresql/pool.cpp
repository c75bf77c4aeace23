#include "storage/postgresql/pool.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>

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

Pool::Pool(const Settings& settings, std::size_t most)
    : settings_{settings},
      silence_{settings.options().answer_timeout},
      connections_{*settings.runtime(), most, [](Connection& connection) {
                     return connection.is_usable() && !connection.is_in_transaction();
                   }} {}

void Pool::limit_silence(Duration silence) {
  Duration before = silence_;
  while (silence < before && !silence_.compare_exchange_weak(before, silence)) {
  }
}

Lease Pool::borrow(const char* operation) {
  return connections_.borrow(
      [&](Connection& connection) {
        if (!connection.is_usable()) return false;
        connection.set_operation(operation);
        connection.limit_silence(silence_);
        return true;
      },
      [&] {
        return std::make_unique<Connection>(settings_, operation, Limits{.silence = silence_});
      });
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
