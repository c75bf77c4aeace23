#pragma once

// One connection: requests in, responses out, one after the other, within limits and times.

#include <set>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "dashboard/server/http_server.hpp"

namespace portfire::dashboard {

namespace asio = boost::asio;

// What the connections of a server share. Touched by the thread of `io` alone.
struct ServerState {
  ServerState(const ListenOptions& chosen, LogSink sink, RequestHandler answers)
      : options{chosen},
        log{std::move(sink)},
        handler{std::move(answers)},
        workers{static_cast<std::size_t>(chosen.threads)} {}

  const ListenOptions options;
  const LogSink log;
  const RequestHandler handler;

  bool is_stopping = false;
  std::size_t connections = 0;
  // Those that wait for a request, or only send events: they can be closed at any time.
  std::set<boost::beast::tcp_stream*> idle;

  // Last, because what it still holds when it goes looks at all of the above.
  asio::io_context io{1};
  asio::thread_pool workers;
};

// Serves a connection until it ends, and takes the socket for that; never throws.
asio::awaitable<void> serve_plain(ServerState& state, asio::ip::tcp::socket& socket);
asio::awaitable<void> serve_secure(ServerState& state, asio::ip::tcp::socket& socket,
                                   asio::ssl::context& context);

}  // namespace portfire::dashboard
