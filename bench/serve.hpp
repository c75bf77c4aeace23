#pragma once

// What the other process of a measurement does.

#include <memory>
#include <string>

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

// The same with a raw engine for a server: takes one posted job after the other, and sends for each
// the instant at which it had it, in nanoseconds, and a zero when it has stored its end.
void receive_posts(const std::string& native_url, const std::string& name);

}  // namespace portfire::bench
