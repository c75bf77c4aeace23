#include "storage/redis/pool.hpp"

#include <algorithm>
#include <chrono>

namespace portfire::redis {

namespace {

using std::chrono::seconds;

// After this long without use a connection is looked at before it is lent,
constexpr seconds fresh_for{1};
// and after this long the server is asked: what lies between may have forgotten it.
constexpr seconds trusted_for{30};
constexpr seconds longest_question{2};

}  // namespace

Pool::Pool(Connector& connector, std::size_t most)
    : connector_{connector},
      runtime_{*connector.settings().runtime},
      connections_{runtime_, most,
                   [this](Connection& connection) { return may_stay(connection); }} {}

Lease Pool::borrow(std::string_view operation) {
  return connections_.borrow([this](Connection& connection) { return is_good(connection); },
                             [&] { return connector_.connect(operation); });
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

bool Pool::may_stay(Connection& connection) {
  if (connection.is_broken() || !connector_.is_current(connection)) return false;
  connection.set_idle_since(runtime_.steady_now());
  return true;
}

}  // namespace portfire::redis
