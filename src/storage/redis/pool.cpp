#include "storage/redis/pool.hpp"

#include <algorithm>
#include <chrono>
#include <stop_token>
#include <utility>

namespace portfire::redis {

namespace {

using std::chrono::seconds;

// After this long without use a connection is looked at before it is lent,
constexpr seconds fresh_for{1};
// and after this long the server is asked: what lies between may have forgotten it.
constexpr seconds trusted_for{30};
constexpr seconds longest_question{2};

}  // namespace

Lease::Lease(Pool& pool, std::unique_ptr<Connection> connection)
    : pool_{pool}, connection_{std::move(connection)} {}

Lease::~Lease() { pool_.give_back(std::move(connection_)); }

Pool::Pool(Connector& connector, std::size_t most)
    : connector_{connector}, runtime_{*connector.settings().runtime}, most_{most} {}

Lease Pool::borrow(std::string_view operation) { return Lease{*this, take(operation)}; }

std::unique_ptr<Connection> Pool::take(std::string_view operation) {
  std::unique_ptr<Event> event;
  while (true) {
    std::unique_ptr<Connection> connection;
    bool may_make = false;
    {
      const std::scoped_lock guard{mutex_};
      if (!idle_.empty()) {
        connection = std::move(idle_.back());
        idle_.pop_back();
        ++lent_;
      } else if (lent_ < most_) {
        may_make = true;
        ++lent_;
      } else {
        if (!event) event = runtime_.make_event();
        waiting_.push_back(event.get());
      }
    }
    if (connection && is_good(*connection)) return connection;
    if (!connection && !may_make) {
      event->wait(std::stop_token{});
      continue;
    }
    connection.reset();
    // The place among the lent ones is taken already.
    try {
      return connector_.connect(operation);
    } catch (...) {
      give_back(nullptr);
      throw;
    }
  }
}

bool Pool::is_good(Connection& connection) {
  if (!connector_.is_current(connection)) return false;
  const auto idle = runtime_.steady_now() - connection.idle_since();
  if (idle < fresh_for) return true;
  if (!connection.is_usable()) return false;
  if (idle < trusted_for) return true;
  try {
    const Duration patience =
        std::min<Duration>(connector_.settings().answer_timeout, longest_question);
    return !connection.ask({"PING"}, patience).is_error();
  } catch (const StreamError&) {
    return false;
  }
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  if (connection && (connection->is_broken() || !connector_.is_current(*connection))) {
    connection.reset();
  }
  if (connection) connection->set_idle_since(runtime_.steady_now());
  const std::scoped_lock guard{mutex_};
  --lent_;
  if (connection) idle_.push_back(std::move(connection));
  if (waiting_.empty()) return;
  // Under the mutex, for as long as the event is listed its waiter keeps it.
  waiting_.front()->set();
  waiting_.pop_front();
}

void Pool::close_idle() {
  std::vector<std::unique_ptr<Connection>> closing;
  const std::scoped_lock guard{mutex_};
  closing.swap(idle_);
}

std::size_t Pool::waiting() {
  const std::scoped_lock guard{mutex_};
  return waiting_.size();
}

}  // namespace portfire::redis
