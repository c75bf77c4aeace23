#include <portfire/server.hpp>

#include <unistd.h>

#include <mutex>

#include <portfire/error.hpp>

#include "server/options.hpp"
#include "server/session.hpp"
#include "server/signals.hpp"

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
    const server::Session rehearsal{storage, handlers, options};
  }

  const std::shared_ptr<Storage> storage;
  const Handlers handlers;
  const ServerOptions options;
  std::mutex mutex;
  std::unique_ptr<server::Session> session;  // guarded by mutex
  ServerId last_id;                          // guarded by mutex
};

Server::Server(std::shared_ptr<Storage> storage, Handlers handlers, ServerOptions options) {
  if (storage == nullptr) throw UsageError{"the server was given no storage (a null pointer)"};
  implementation_ =
      std::make_unique<Implementation>(std::move(storage), std::move(handlers), std::move(options));
}

Server::~Server() { stop(); }

void Server::start() {
  Implementation& self = *implementation_;
  const std::lock_guard lock{self.mutex};
  if (self.session != nullptr) throw UsageError{"the server runs already; stop it first"};
  auto session = std::make_unique<server::Session>(self.storage, self.handlers, self.options);
  session->start();
  self.session = std::move(session);
}

void Server::stop() {
  Implementation& self = *implementation_;
  std::unique_ptr<server::Session> session;
  {
    const std::lock_guard lock{self.mutex};
    session = std::move(self.session);
    if (session != nullptr) self.last_id = session->id();
  }
  if (session != nullptr) session->stop();
}

void Server::run() {
  server::TerminationSignals signals;
  start();
  signals.wait();
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
