#include "bench/held.hpp"

#include "bench/load.hpp"
#include "bench/rates.hpp"

namespace portfire::bench {

Held drain_while_held(const Place& place, const Engine& engine, const Plan& plan) {
  const auto drain = [&] {
    bulk_rate(place.storage, plan);
    return drain_rate(place.storage, plan);
  };
  Held held;
  held.before_per_s = drain();
  const auto transaction = engine.hold(place);
  {
    Load load{place.storage, plan};
    load.go_on_for(plan.held, "a transaction held open, seconds");
    load.stop();
  }
  held.held_per_s = drain();
  return held;
}

}  // namespace portfire::bench
