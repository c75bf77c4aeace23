#include "chaos/work.hpp"

#include <stdlib.h>

#include <fstream>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "chaos/engine.hpp"
#include "chaos/ledger.hpp"

namespace portfire::chaos {

namespace {

using namespace std::chrono_literals;

// Nobody sets it.
void pass_time(Duration span, std::stop_token stop) {
  const auto runtime = thread_runtime();
  runtime->make_event()->wait_until(runtime->steady_now() + span, std::move(stop));
}

class Execution {
 public:
  Execution(const Ledger& ledger, Context& context, Number number)
      : ledger_{ledger}, context_{context}, number_{number} {
    write(Step::begin);
  }

  void pass(int milliseconds) const {
    pass_time(std::chrono::milliseconds{milliseconds}, context_.stop_token());
  }
  void write(Step step) const { ledger_.write(step, context_.job_id(), context_.epoch(), number_); }

 private:
  const Ledger& ledger_;
  Context& context_;
  const Number number_;
};

Handlers handlers(const Ledger& ledger) {
  Handlers all;
  all.on(work,
         [&ledger](Number number, int milliseconds, int failures, int children, Context& context) {
           const Execution execution{ledger, context, number};
           execution.pass(milliseconds);
           if (context.attempt() <= static_cast<std::uint32_t>(failures)) {
             execution.write(Step::fail);
             throw std::runtime_error{"as planned"};
           }
           for (int i = 0; i < children; ++i) {
             context.client().enqueue(work, child_number(number, i), milliseconds / 2, 0, 0);
           }
           execution.write(Step::end);
           return number;
         });
  all.on(take, [&ledger](Number number, Number taken, int milliseconds, Context& context) {
    const Execution execution{ledger, context, number};
    if (taken != number - 1) throw ArgumentError{"the result of another job"};
    execution.pass(milliseconds);
    execution.write(Step::end);
    return number;
  });
  return all;
}

ServerOptions options(LogSink log) {
  return {.workers = 4,
          .lease = lease,
          .poll_interval = 250ms,
          .retry = {.attempts = 1000, .delays = {100ms, 500ms}},
          // Here servers are killed for no fault of their jobs.
          .crash_limit = 0,
          .log = std::move(log)};
}

}  // namespace

void serve(const Post& post) {
  // Another place for the marks of life: nobody finds that of another process.
  if (post.is_alone) ::setenv("TMPDIR", "/nowhere", 1);
  std::ofstream file{post.name.string() + ".log", std::ios::app};
  std::mutex mutex;
  const LogSink log = [&](LogLevel, std::string_view line) {
    const std::scoped_lock guard{mutex};
    file << to_string(thread_runtime()->now()) << ' ' << line << std::endl;
  };
  const Ledger ledger{post.name.string() + ".ledger"};
  while (true) {
    try {
      Server server{open_at(post.address), handlers(ledger), options(log)};
      server.run();
      return;
    } catch (const StorageError& error) {
      log(LogLevel::warning, error.what());
    }
    pass_time(100ms, {});
  }
}

}  // namespace portfire::chaos
