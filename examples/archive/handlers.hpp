#pragma once

// What a run does when its jobs are due.

#include <future>
#include <string>

#include <portfire/client.hpp>
#include <portfire/handlers.hpp>

#include "places.hpp"
#include "progress.hpp"

namespace archive {

// They refer to all that they are given. `fingerprint`, the plan's, becomes known once all jobs
// have been created.
portfire::Handlers make_handlers(portfire::Client& client, const Places& places, Meter& meter,
                                 std::shared_future<std::string> fingerprint);

}  // namespace archive
