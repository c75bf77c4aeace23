#pragma once

// How many jobs a second.

#include <cstddef>
#include <functional>
#include <memory>

#include <portfire/storage/storage.hpp>

#include "bench/bench.hpp"

namespace portfire::bench {

// Creates jobs one by one from so many threads, all of them or for five seconds, whichever is less.
double enqueue_rate(const std::shared_ptr<Storage>& storage, std::size_t threads, const Plan& plan);

// Creates all jobs in bulk.
double bulk_rate(const std::shared_ptr<Storage>& storage, const Plan& plan);

// Runs the jobs at the front, of which enough must be waiting: from the server's start until so
// many more are stored as Succeeded. `sample(done)` is called now and then meanwhile.
double drain_rate(const std::shared_ptr<Storage>& storage, const Plan& plan,
                  const std::function<void(std::size_t done)>& sample = {});

}  // namespace portfire::bench
