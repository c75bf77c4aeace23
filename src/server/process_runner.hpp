#pragma once

// Calls one background process again and again: thread, wake-ups, back-off and logging for all of
// them.

#include <memory>
#include <mutex>
#include <string>

#include <portfire/background_process.hpp>
#include <portfire/runtime.hpp>
#include <portfire/storage/storage.hpp>

#include "server/identity.hpp"
#include "server/trouble.hpp"

namespace portfire::server {

class ProcessRunner {
 public:
  ProcessRunner(std::shared_ptr<BackgroundProcess> process, Storage& storage, Runtime& runtime,
                const Identity& identity, const LogSink& log);
  ~ProcessRunner();

  void start();
  void request_stop();
  void join();

  // Ends the wait between two steps, after a change of identity. Any thread.
  void look_again();

 private:
  void loop();
  Duration step();
  void finish();
  [[nodiscard]] ProcessContext context() const;
  void listen();
  std::shared_ptr<Subscription> subscription();

  const std::shared_ptr<BackgroundProcess> process_;
  Storage& storage_;
  Runtime& runtime_;
  const Identity& identity_;
  const LogSink& log_;
  std::unique_ptr<Task> task_;
  std::stop_source stop_;
  Trouble trouble_;  // used by the task
  ServerId server_;  // used by the task

  std::mutex mutex_;
  std::shared_ptr<Subscription> subscription_;  // guarded by mutex_; replaced by the task alone
};

}  // namespace portfire::server
