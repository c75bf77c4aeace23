#include "dashboard/server/http_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include <portfire/error.hpp>
#include <portfire/runtime.hpp>

#include "dashboard/server/connection.hpp"

namespace portfire::dashboard {

namespace {

using asio::ip::tcp;

constexpr std::chrono::seconds longest_stop{5};

ListenOptions checked(ListenOptions options) {
  if (options.threads < 1 || options.threads > 64) {
    throw UsageError{"ListenOptions::threads is " + std::to_string(options.threads) +
                     ": must be 1 to 64"};
  }
  if (options.certificate_file.empty() != options.private_key_file.empty()) {
    throw UsageError{"ListenOptions: certificate_file and private_key_file belong together"};
  }
  return options;
}

std::optional<asio::ssl::context> secure_context(const ListenOptions& options) {
  if (options.certificate_file.empty()) return std::nullopt;
  asio::ssl::context context{asio::ssl::context::tls_server};
  context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                      asio::ssl::context::no_tlsv1_1);
  boost::system::error_code error;
  if (context.use_certificate_chain_file(options.certificate_file, error)) {
    throw UsageError{"the certificate " + options.certificate_file +
                     " cannot be read: " + error.message()};
  }
  if (context.use_private_key_file(options.private_key_file, asio::ssl::context::pem, error)) {
    throw UsageError{"the private key " + options.private_key_file +
                     " cannot be read: " + error.message()};
  }
  return context;
}

tcp::acceptor bound(asio::io_context& io, const ListenOptions& options) {
  boost::system::error_code error;
  const std::string name = options.address == "localhost" ? "127.0.0.1" : options.address;
  const auto address = asio::ip::make_address(name, error);
  if (error) {
    throw UsageError{"the dashboard cannot listen on \"" + options.address +
                     "\": give an address such as 127.0.0.1, ::1 or 0.0.0.0"};
  }
  const tcp::endpoint endpoint{address, options.port};
  tcp::acceptor acceptor{io};
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address{true}, error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    throw UsageError{"the dashboard cannot listen on " + options.address + " port " +
                     std::to_string(options.port) + ": " + error.message()};
  }
  return acceptor;
}

}  // namespace

class HttpServer::Implementation {
 public:
  Implementation(const ListenOptions& options, const std::string& prefix, LogSink log,
                 RequestHandler handler)
      : state_{checked(options), std::move(log), std::move(handler)},
        secure_{secure_context(state_.options)},
        acceptor_{bound(state_.io, state_.options)},
        stop_timer_{state_.io},
        runtime_{thread_runtime()} {
    const tcp::endpoint endpoint = acceptor_.local_endpoint();
    const std::string host = endpoint.address().is_v6() ? '[' + endpoint.address().to_string() + ']'
                                                        : endpoint.address().to_string();
    url_ = (secure_ ? "https://" : "http://") + host + ':' + std::to_string(endpoint.port()) +
           prefix + '/';
    asio::co_spawn(state_.io, accept_all(), asio::detached);
    thread_ = runtime_->spawn("dashboard", [this] { state_.io.run(); });
  }

  ~Implementation() {
    asio::post(state_.io, [this] { begin_stop(); });
    thread_->join();
    state_.workers.join();
  }

  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  void begin_stop() {
    state_.is_stopping = true;
    acceptor_.close();
    for (auto* stream : state_.idle) stream->close();
    if (state_.connections == 0) return;
    stop_timer_.expires_after(longest_stop);
    stop_timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) state_.io.stop();
    });
  }

  asio::awaitable<void> accept_all() {
    bool is_full = false;
    while (!state_.is_stopping) {
      boost::system::error_code error;
      tcp::socket socket =
          co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (state_.is_stopping) co_return;
      if (error) {
        // Out of file descriptors, as a rule: wait until some are free.
        state_.log(LogLevel::warning, "dashboard: no connection can be taken: " + error.message());
        asio::steady_timer pause{state_.io, std::chrono::milliseconds{200}};
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      const bool was_full = is_full;
      is_full = state_.connections >= state_.options.most_connections;
      if (!is_full) {
        asio::co_spawn(state_.io, serve(std::move(socket)), asio::detached);
      } else if (!was_full) {
        state_.log(LogLevel::warning, "dashboard: connections are refused, there are " +
                                          std::to_string(state_.connections) + " already");
      }
    }
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    if (state_.is_stopping) co_return;
    ++state_.connections;
    if (secure_) {
      co_await serve_secure(state_, socket, *secure_);
    } else {
      co_await serve_plain(state_, socket);
    }
    --state_.connections;
    if (state_.is_stopping && state_.connections == 0) stop_timer_.cancel();
  }

  ServerState state_;
  std::optional<asio::ssl::context> secure_;
  tcp::acceptor acceptor_;
  asio::steady_timer stop_timer_;
  const std::shared_ptr<Runtime> runtime_;
  std::string url_;
  std::unique_ptr<Task> thread_;
};

HttpServer::HttpServer(const ListenOptions& options, const std::string& prefix, LogSink log,
                       RequestHandler handler)
    : implementation_{
          std::make_unique<Implementation>(options, prefix, std::move(log), std::move(handler))} {}

HttpServer::~HttpServer() = default;

const std::string& HttpServer::url() const { return implementation_->url(); }

}  // namespace portfire::dashboard
