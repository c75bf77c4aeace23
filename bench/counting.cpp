#include "bench/counting.hpp"

#include <string>

#include <portfire/error.hpp>

namespace portfire::bench {

using std::chrono::milliseconds;

double per_second(std::size_t jobs, SteadyClock::duration took) {
  return static_cast<double>(jobs) / std::chrono::duration<double>(took).count();
}

double rate_since(std::size_t jobs, std::chrono::steady_clock::time_point begin) {
  return per_second(jobs, std::chrono::steady_clock::now() - begin);
}

std::size_t stored_as_succeeded(Storage& storage) {
  const auto lifetime = storage.monitoring().statistics().lifetime;
  const auto found = lifetime.find(std::string{state_names::succeeded});
  return found == lifetime.end() ? 0 : found->second;
}

void Patience::look(std::size_t done) {
  const SteadyPoint now = runtime_.steady_now();
  if (done != last_) {
    last_ = done;
    since_ = now;
  }
  if (now - since_ < std::chrono::minutes{1}) return;
  throw StorageError{
      "the jobs stand still: " + std::to_string(done) + " have run and no other did for a minute",
      {.operation = "bench"}};
}

void wait_until_stored(Storage& storage, std::size_t count) {
  Runtime& runtime = *storage.runtime();
  const auto never_set = runtime.make_event();
  Patience patience{runtime};
  for (std::size_t stored = 0; (stored = stored_as_succeeded(storage)) < count;) {
    patience.look(stored);
    never_set->wait_until(runtime.steady_now() + milliseconds{1}, {});
  }
}

}  // namespace portfire::bench
