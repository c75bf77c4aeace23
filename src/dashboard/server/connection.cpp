#include "dashboard/server/connection.hpp"

#include <time.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "dashboard/refusal.hpp"

namespace portfire::dashboard {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::use_awaitable;

constexpr std::chrono::seconds between_events{1};

// Waits without throwing: what went wrong is found in `error`.
auto noting(beast::error_code& error) { return asio::redirect_error(use_awaitable, error); }

// Runs something slow on a worker, and goes on where it was asked. Here and below what goes into a
// co_await has a name, or nothing to destroy: GCC 12 destroys such temporaries twice.
asio::awaitable<void> on_worker(ServerState& state, const std::function<void()>& work) {
  asio::steady_timer done{state.io, asio::steady_timer::time_point::max()};
  asio::post(state.workers, [&] {
    work();
    asio::post(state.io, [&done] { done.cancel(); });
  });
  beast::error_code cancelled;
  co_await done.async_wait(noting(cancelled));
}

// As RFC 9110, section 5.6.7, wants it, whatever the locale.
std::string date_text() {
  constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                days.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900,
                parts.tm_hour, parts.tm_min, parts.tm_sec);
  return text.data();
}

// While it lives, a stop may close the connection.
class IdleMark {
 public:
  IdleMark(ServerState& state, beast::tcp_stream& stream) : state_{state}, stream_{stream} {
    state_.idle.insert(&stream_);
  }
  ~IdleMark() { state_.idle.erase(&stream_); }
  IdleMark(const IdleMark&) = delete;
  IdleMark& operator=(const IdleMark&) = delete;

 private:
  ServerState& state_;
  beast::tcp_stream& stream_;
};

template <class Stream>
class Conversation {
 public:
  Conversation(ServerState& state, Stream& stream)
      : state_{state}, stream_{stream}, socket_{beast::get_lowest_layer(stream)} {
    peer_ = socket_.socket().remote_endpoint().address().to_string();
  }

  asio::awaitable<void> run() {
    bool go_on = true;
    while (go_on && !state_.is_stopping) go_on = co_await exchange();
  }

 private:
  using Parser = http::request_parser<http::string_body>;

  // One request and its response. Returns false when the connection is over.
  asio::awaitable<bool> exchange() {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(state_.options.most_header_bytes));
    parser.body_limit(state_.options.most_body_bytes);
    const beast::error_code error = co_await receive(parser);
    if (error) {
      const int status = status_of(error);
      if (status != 0) {
        HttpResponse refusal = problem(status, "The request is malformed, or larger than allowed");
        co_await send(refusal, 11, false);
      }
      co_return false;
    }
    http::request<http::string_body> message = parser.release();
    const HttpRequest request = plain(message);
    HttpResponse response;
    const std::function<void()> answer = [&] { response = state_.handler(request); };
    co_await on_worker(state_, answer);
    if (response.events) {
      co_await send_events(response, message.version());
      co_return false;
    }
    co_return co_await send(response, message.version(),
                            message.keep_alive() && !state_.is_stopping, request.method == "HEAD");
  }

  // The wait for the first byte may be long; from then on the request must come.
  asio::awaitable<beast::error_code> receive(Parser& parser) {
    beast::error_code error;
    if (buffer_.size() == 0) {
      const IdleMark mark{state_, socket_};
      socket_.expires_after(state_.options.idle_timeout);
      constexpr std::size_t portion = 4096;
      const auto room = buffer_.prepare(portion);
      buffer_.commit(co_await stream_.async_read_some(room, noting(error)));
    }
    socket_.expires_after(state_.options.request_timeout);
    if (!error) co_await http::async_read(stream_, buffer_, parser, noting(error));
    co_return error;
  }

  // 0: whoever sent this does not listen any more.
  static int status_of(const beast::error_code& error) {
    if (error == http::error::body_limit) return 413;
    if (error == http::error::header_limit || error == http::error::buffer_overflow) return 431;
    if (error == http::error::end_of_stream || error == http::error::partial_message) return 0;
    if (error == asio::error::eof || error == beast::error::timeout) return 0;
    return error.category() == make_error_code(http::error::bad_method).category() ? 400 : 0;
  }

  // Takes the body.
  HttpRequest plain(http::request<http::string_body>& message) const {
    HttpRequest request{.method = std::string{message.method_string()},
                        .target = std::string{message.target()},
                        .headers = {},
                        .body = std::move(message.body()),
                        .peer = peer_};
    for (const auto& field : message) {
      request.headers.emplace_back(std::string{field.name_string()}, std::string{field.value()});
    }
    return request;
  }

  template <class Body>
  static void set_headers(http::response<Body>& message, const HttpResponse& response) {
    for (const auto& [name, value] : response.headers) message.insert(name, value);
  }

  asio::awaitable<bool> send(HttpResponse& response, unsigned version, bool keep_alive,
                             bool is_head = false) {
    http::response<http::string_body> message{static_cast<http::status>(response.status), version};
    set_headers(message, response);
    message.keep_alive(keep_alive);
    message.set(http::field::date, date_text());
    message.body() = std::move(response.body);
    // The length of what HEAD leaves out is not known here any more, and need not be told.
    if (!is_head) message.prepare_payload();
    socket_.expires_after(state_.options.request_timeout);
    beast::error_code error;
    co_await http::async_write(stream_, message, noting(error));
    co_return !error && keep_alive;
  }

  // Until the other end goes, or the server stops.
  asio::awaitable<void> send_events(HttpResponse& response, unsigned version) {
    const bool is_chunked = version >= 11;
    http::response<http::empty_body> message{static_cast<http::status>(response.status), version};
    set_headers(message, response);
    message.keep_alive(false);
    message.chunked(is_chunked);
    http::response_serializer<http::empty_body> serializer{message};
    beast::error_code error;
    socket_.expires_after(state_.options.request_timeout);
    co_await http::async_write_header(stream_, serializer, noting(error));
    const IdleMark mark{state_, socket_};
    std::string text = std::move(response.body);
    asio::steady_timer timer{state_.io};
    bool has_ended = false;
    const std::function<void()> ask = [&] {
      std::optional<std::string> more = next(*response.events);
      has_ended = !more;
      text = more.value_or(std::string{});
    };
    // What it knows already is sent at once, everything else as soon as it is asked for.
    for (bool is_first = true; !error && !state_.is_stopping && !has_ended; is_first = false) {
      if (!text.empty()) {
        socket_.expires_after(state_.options.request_timeout);
        if (is_chunked) {
          const auto chunk = http::make_chunk(asio::buffer(text));
          co_await asio::async_write(stream_, chunk, noting(error));
        } else {
          co_await asio::async_write(stream_, asio::buffer(text), noting(error));
        }
      }
      socket_.expires_never();
      if (!is_first) {
        timer.expires_after(between_events);
        co_await timer.async_wait(noting(error));
        if (error || state_.is_stopping) co_return;
      }
      co_await on_worker(state_, ask);
    }
  }

  // A storage that does not answer for a while is no reason to hang up.
  std::optional<std::string> next(EventStream& events) const {
    try {
      return events.next();
    } catch (const std::exception& failure) {
      state_.log(LogLevel::warning, "dashboard: " + std::string{failure.what()});
      return std::string{};
    }
  }

  ServerState& state_;
  Stream& stream_;
  beast::tcp_stream& socket_;
  beast::flat_buffer buffer_;
  std::string peer_;
};

void finish(beast::tcp_stream& stream) {
  beast::error_code ignored;
  stream.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  stream.close();
}

}  // namespace

asio::awaitable<void> serve_plain(ServerState& state, asio::ip::tcp::socket& socket) {
  beast::tcp_stream stream{std::move(socket)};
  try {
    Conversation conversation{state, stream};
    co_await conversation.run();
  } catch (const std::exception& error) {
    state.log(LogLevel::debug, "dashboard: a connection ended: " + std::string{error.what()});
  }
  finish(stream);
}

asio::awaitable<void> serve_secure(ServerState& state, asio::ip::tcp::socket& socket,
                                   asio::ssl::context& context) {
  beast::ssl_stream<beast::tcp_stream> stream{std::move(socket), context};
  beast::tcp_stream& lowest = beast::get_lowest_layer(stream);
  try {
    {
      const IdleMark mark{state, lowest};
      lowest.expires_after(state.options.request_timeout);
      co_await stream.async_handshake(asio::ssl::stream_base::server, use_awaitable);
    }
    Conversation conversation{state, stream};
    co_await conversation.run();
    lowest.expires_after(std::chrono::seconds{1});
    co_await stream.async_shutdown(use_awaitable);
  } catch (const std::exception& error) {
    state.log(LogLevel::debug, "dashboard: a connection ended: " + std::string{error.what()});
  }
  finish(lowest);
}

}  // namespace portfire::dashboard
