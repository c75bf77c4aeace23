#pragma once

// Jobs of any state, created in bulk.

#include <cstddef>
#include <functional>
#include <string>

#include <portfire/client.hpp>

#include "bench/bench.hpp"

namespace portfire::bench {

// One unit after the other, each made of requests by number. `use` sees what was created.
void create(Client& client, std::size_t count, const Plan& plan, const std::string& what,
            const std::function<JobRequest(std::size_t number)>& request,
            const std::function<void(const Creation&)>& use = {});

// The usual job.
JobRequest request_in(State state);

}  // namespace portfire::bench
