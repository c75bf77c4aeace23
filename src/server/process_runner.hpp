#pragma once

// Calls one background process again and again: thread, wake-ups, back-off and logging for all of them.

#include <memory>
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

 private:
  void loop();
  Duration step(ServerId server);

  const std::shared_ptr<BackgroundProcess> process_;
  Storage& storage_;
  Runtime& runtime_;
  const Identity& identity_;
  const LogSink& log_;
  std::unique_ptr<Task> task_;
  std::stop_source stop_;
  Trouble trouble_;  // used by the task
};

}  // namespace portfire::server
