#include "server/crash_watch.hpp"

#include <system_error>
#include <utility>

namespace portfire::server {

CrashWatch::CrashWatch(int descriptor, std::shared_ptr<StackTracer> tracer)
    : tracer_{std::move(tracer)},
      workers_{1},
      recorder_{std::make_unique<crash::Recorder>(descriptor, workers_)} {}

void CrashWatch::begin(ServerId id, const LogSink& log) {
  if (directory_.empty()) return;
  if (file_ != nullptr) file_->rename(id);
  // Later than the first time is too late: the workers look at the recorder without a lock.
  if (std::exchange(has_begun_, true)) return;
  try {
    file_ = std::make_unique<crash::CrashFile>(directory_, id);
    recorder_ = std::make_unique<crash::Recorder>(file_->descriptor(), workers_);
  } catch (const std::system_error& error) {
    log(LogLevel::warning,
        std::string{"a crash of this process will leave no record: "} + error.what());
  }
}

// Not inlined: what lies beyond its own frame is the server's.
[[gnu::noinline]] CrashWatch::Witness::Witness(const CrashWatch& watch, std::size_t worker,
                                               const Claimed& claimed)
    : slot_{watch.slot(worker)}, tracer_{watch.tracer_.get()} {
  const void* const bottom = __builtin_frame_address(0);
  if (slot_ != nullptr) slot_->show({claimed.server, claimed.execution}, bottom);
  if (tracer_ != nullptr) tracer_->enter(bottom);
}

CrashWatch::Witness::~Witness() {
  if (tracer_ != nullptr) tracer_->leave();
  if (slot_ != nullptr) slot_->hide();
}

CrashWatch::Absence::Absence(const CrashWatch& watch, std::size_t worker)
    : slot_{watch.slot(worker)} {
  if (slot_ != nullptr) slot_->set_apart(true);
}

CrashWatch::Absence::~Absence() {
  if (slot_ != nullptr) slot_->set_apart(false);
}

}  // namespace portfire::server
