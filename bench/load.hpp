#pragma once

// Jobs that are enqueued and run all the time, at the pace of the slower of the two.

#include <atomic>
#include <exception>
#include <memory>

#include <portfire/client.hpp>
#include <portfire/server.hpp>

#include "bench/bench.hpp"

namespace portfire::bench {

class Load {
 public:
  // Starts a server and, on a task of its own, a client that enqueues 1,000 jobs at a time as long
  // as fewer than 10,000 have not run yet.
  Load(std::shared_ptr<Storage> storage, const Plan& plan);
  // As `stop`, without the errors.
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Lets it go on for so long. Throws what enqueuing threw, or StorageError when nothing moves.
  void go_on_for(SteadyClock::duration span, const std::string& what);

  // Returns when all that was enqueued is stored as Succeeded. Throws as `go_on_for`.
  void stop();

 private:
  void produce() noexcept;
  void throw_error();

  const std::shared_ptr<Storage> storage_;
  const Plan& plan_;
  Runtime& runtime_;
  const std::unique_ptr<Event> has_room_;
  const std::unique_ptr<Event> has_failed_;
  std::atomic<std::size_t> runs_{0};
  std::atomic<bool> is_over_{false};
  const std::size_t stored_before_;
  std::size_t created_ = 0;  // read by others once the producer has ended
  std::exception_ptr error_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Task> producer_;
};

}  // namespace portfire::bench
