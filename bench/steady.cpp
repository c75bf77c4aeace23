#include "bench/steady.hpp"

#include "bench/counting.hpp"
#include "bench/load.hpp"

namespace portfire::bench {

namespace {

// So many have run, at that time.
struct Mark {
  std::size_t stored = 0;
  SteadyPoint at;
};

Mark mark(Storage& storage) {
  return {.stored = stored_as_succeeded(storage), .at = storage.runtime()->steady_now()};
}

double rate_between(const Mark& a, const Mark& b) {
  return per_second(b.stored - a.stored, b.at - a.at);
}

}  // namespace

Steady steady_state(const Place& place, const Engine& engine, const Plan& plan) {
  const auto fifth = SteadyClock::duration{plan.steady} / 5;
  const auto sizes = [&] { return engine.sizes ? engine.sizes(place) : Sizes{}; };
  Steady steady;
  Load load{place.storage, plan};
  const Mark begin = mark(*place.storage);
  load.go_on_for(fifth, "steady, first fifth, seconds");
  const Mark early = mark(*place.storage);
  steady.after_first_fifth = sizes();
  load.go_on_for(3 * fifth, "steady, seconds");
  const Mark late = mark(*place.storage);
  load.go_on_for(fifth, "steady, last fifth, seconds");
  const Mark end = mark(*place.storage);
  steady.at_end = sizes();
  load.stop();
  steady.jobs = end.stored - begin.stored;
  steady.first_fifth_per_s = rate_between(begin, early);
  steady.last_fifth_per_s = rate_between(late, end);
  return steady;
}

}  // namespace portfire::bench
