#pragma once

// This server's part in crashes of its process: a file that waits for the record, and what its
// threads show of themselves in case they crash or throw.

#include <memory>
#include <string>

#include <portfire/log.hpp>
#include <portfire/stack_tracer.hpp>

#include "crash/crash_file.hpp"
#include "crash/recorder.hpp"
#include "server/running_job.hpp"

namespace portfire::server {

// Threads: `begin` by one, before the workers start or while they run; the rest by workers.
class CrashWatch {
 public:
  // Without a directory nothing is recorded; without a tracer nobody is told who runs a job.
  CrashWatch(std::string directory, std::shared_ptr<StackTracer> tracer, std::size_t workers)
      : directory_{std::move(directory)}, tracer_{std::move(tracer)}, workers_{workers} {}

  // In a child: records into this open file of the caller's, who keeps it open.
  CrashWatch(int descriptor, std::shared_ptr<StackTracer> tracer);

  // The server is known under this id from now on. A directory that does not serve is logged: no
  // record is worth a server that does not start.
  void begin(ServerId id, const LogSink& log);

  // Threads that run jobs need a `crash::AlternateStack`.
  [[nodiscard]] bool is_recording() const { return recorder_ != nullptr; }

  // Around all that is done in a job's name, on its thread.
  class Witness {
   public:
    Witness(const CrashWatch& watch, std::size_t worker, const Claimed& claimed);
    ~Witness();
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;

   private:
    crash::RunningSlot* const slot_;
    StackTracer* const tracer_;
  };

  // Within that, around what only waits for another process to run the job.
  class Absence {
   public:
    Absence(const CrashWatch& watch, std::size_t worker);
    ~Absence();
    Absence(const Absence&) = delete;
    Absence& operator=(const Absence&) = delete;

   private:
    crash::RunningSlot* const slot_;
  };

  [[nodiscard]] StackTracer* tracer() const { return tracer_.get(); }

 private:
  [[nodiscard]] crash::RunningSlot* slot(std::size_t worker) const {
    return recorder_ == nullptr ? nullptr : &recorder_->slot(worker);
  }

  const std::string directory_;
  const std::shared_ptr<StackTracer> tracer_;
  const std::size_t workers_;
  bool has_begun_ = false;
  std::unique_ptr<crash::CrashFile> file_;
  std::unique_ptr<crash::Recorder> recorder_;  // constant once the workers have started
};

}  // namespace portfire::server
