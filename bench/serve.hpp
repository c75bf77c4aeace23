#pragma once

// What a server process of a measurement does.

#include <memory>

#include <portfire/log.hpp>
#include <portfire/storage/storage.hpp>

namespace portfire::bench {

// What it sends while it runs no-op jobs.
enum class News : unsigned char {
  runs,     // how many more have run, every few milliseconds
  entries,  // for each the instant at which its handler was entered, in nanoseconds
};

// Says on standard input, which is a `Channel`, that it is ready by a zero, waits for the word to
// go, and runs jobs until the other end hangs up.
void serve(const std::shared_ptr<Storage>& storage, int workers, News news, const LogSink& log);

}  // namespace portfire::bench
