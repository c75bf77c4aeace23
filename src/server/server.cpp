#include <portfire/server.hpp>

#include <unistd.h>

#include <memory>
#include <mutex>
#include <vector>

#include <portfire/error.hpp>
#include <portfire/runtime.hpp>

#include "runtime/termination_signals.hpp"
#include "server/options.hpp"
#include "server/session.hpp"

namespace portfire {

namespace {

unsigned processors() {
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? static_cast<unsigned>(online) : 1;
}

}  // namespace

class Server::Implementation {
 public:
  Implementation(std::shared_ptr<Storage> opened, Handlers known, ServerOptions wanted)
      : storage{std::move(opened)},
        handlers{std::move(known)},
        options{server::checked(std::move(wanted), processors())} {
    // A filter list or retry options that are wrong are wrong now, not at the start.
    const server::Session rehearsal{storage, handlers, options, [](const server::Session&) {}};
  }

  // For a thread of the session, which cannot wait for its own end: another one stops it.
  void stop_asked(const server::Session& asking) {
    const std::lock_guard lock{mutex};
    if (session.get() != &asking) return;
    options.log(LogLevel::info, "the server was asked to stop");
    last_id = session->id();
    std::shared_ptr<server::Session> leaving{std::move(session)};
    stoppers.push_back(storage->runtime()->spawn("stop", [leaving]() mutable {
      leaving->stop();
      leaving.reset();
    }));
    if (signals != nullptr) signals->interrupt();
  }

  // What `run` waits for, for as long as it does.
  void wait_by(TerminationSignals* waiting) {
    const std::lock_guard lock{mutex};
    signals = waiting;
  }

  const std::shared_ptr<Storage> storage;
  const Handlers handlers;
  const ServerOptions options;
  std::mutex mutex;
  std::unique_ptr<server::Session> session;     // guarded by mutex
  ServerId last_id;                             // guarded by mutex
  std::vector<std::unique_ptr<Task>> stoppers;  // guarded by mutex
  TerminationSignals* signals = nullptr;        // guarded by mutex
};

Server::Server(std::shared_ptr<Storage> storage, Handlers handlers, ServerOptions options) {
  if (storage == nullptr) throw UsageError{"the server was given no storage (a null pointer)"};
  implementation_ =
      std::make_unique<Implementation>(std::move(storage), std::move(handlers), std::move(options));
}

Server::~Server() { stop(); }

void Server::start() {
  Implementation& self = *implementation_;
  {
    const std::lock_guard lock{self.mutex};
    if (self.session != nullptr) throw UsageError{"the server runs already; stop it first"};
  }
  // Without the mutex, for announcing waits. Nobody else starts: that is the owner's.
  auto session = std::make_unique<server::Session>(
      self.storage, self.handlers, self.options,
      [&self](const server::Session& asking) { self.stop_asked(asking); });
  session->start();
  const std::lock_guard lock{self.mutex};
  self.session = std::move(session);
}

void Server::stop() {
  Implementation& self = *implementation_;
  std::unique_ptr<server::Session> session;
  std::vector<std::unique_ptr<Task>> stoppers;
  {
    const std::lock_guard lock{self.mutex};
    session = std::move(self.session);
    if (session != nullptr) self.last_id = session->id();
    stoppers.swap(self.stoppers);
  }
  if (session != nullptr) session->stop();
  for (const auto& stopper : stoppers) stopper->join();
}

void Server::run() {
  TerminationSignals signals;
  implementation_->wait_by(&signals);
  try {
    start();
  } catch (...) {
    implementation_->wait_by(nullptr);
    throw;
  }
  signals.wait();
  implementation_->wait_by(nullptr);
  implementation_->options.log(LogLevel::info,
                               "stopping; a second signal ends the process at once");
  signals.restore();
  stop();
}

ServerId Server::id() const {
  Implementation& self = *implementation_;
  const std::lock_guard lock{self.mutex};
  return self.session != nullptr ? self.session->id() : self.last_id;
}

}  // namespace portfire
