#include "storage/redis/stream.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include <portfire/error.hpp>

namespace portfire::redis {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

using Socket = asio::generic::stream_protocol::socket;
using Kind = StreamError::Kind;

const error_code none{};
const error_code timed_out = asio::error::timed_out;
const error_code woken = asio::error::interrupted;
const error_code stopped = asio::error::operation_aborted;

// A socket whose waits have an end, in the form that `asio::ssl::stream` can stand on.
class Wire {
 public:
  using lowest_layer_type = Socket;
  using executor_type = Socket::executor_type;

  Wire(asio::io_context& context, Runtime& runtime, int stop)
      : socket_{context}, runtime_{runtime}, stop_{stop} {}

  Socket& lowest_layer() { return socket_; }
  executor_type get_executor() { return socket_.get_executor(); }

  void set_limits(SteadyPoint deadline, int wake = -1) {
    deadline_ = deadline;
    wake_ = wake;
  }

  error_code connect(const Socket::endpoint_type& endpoint) {
    error_code error;
    socket_.open(endpoint.protocol(), error);
    if (!error) socket_.non_blocking(true, error);
    if (error) return error;
    const int begun = ::connect(socket_.native_handle(), endpoint.data(),
                                static_cast<socklen_t>(endpoint.size()));
    if (begun == 0) return none;
    if (errno != EINPROGRESS) return {errno, boost::system::system_category()};
    if (const error_code waited = wait_for(POLLOUT)) return waited;
    int result = 0;
    socklen_t size = sizeof result;
    ::getsockopt(socket_.native_handle(), SOL_SOCKET, SO_ERROR, &result, &size);
    return {result, boost::system::system_category()};
  }

  template <class Buffers>
  std::size_t write_some(const Buffers& buffers, error_code& error) {
    while (true) {
      const std::size_t written = socket_.write_some(buffers, error);
      if (error != asio::error::would_block) return written;
      error = wait_for(POLLOUT);
      if (error) return 0;
    }
  }

  // Answers are hardly ever there before one has waited for them.
  template <class Buffers>
  std::size_t read_some(const Buffers& buffers, error_code& error) {
    while (true) {
      error = wait_for(POLLIN);
      if (error) return 0;
      const std::size_t got = socket_.read_some(buffers, error);
      if (error != asio::error::would_block) return got;
    }
  }

 private:
  // `none` when the socket is ready, or broken, which shows when it is used.
  error_code wait_for(short events) {
    std::array<pollfd, 3> sources{pollfd{socket_.native_handle(), events, 0},
                                  pollfd{stop_, POLLIN, 0},
                                  pollfd{events == POLLIN ? wake_ : -1, POLLIN, 0}};
    while (true) {
      const int ready = ::poll(sources.data(), sources.size(), milliseconds_left());
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0) return timed_out;
      if (sources[1].revents != 0) return stopped;
      return sources[0].revents == 0 ? woken : none;
    }
  }

  [[nodiscard]] int milliseconds_left() const {
    using std::chrono::milliseconds;
    if (deadline_ == SteadyPoint::max()) return -1;
    const auto left = std::chrono::ceil<milliseconds>(deadline_ - runtime_.steady_now());
    constexpr milliseconds most = std::chrono::hours{1};
    return static_cast<int>(std::clamp(left, milliseconds{0}, most).count());
  }

  Socket socket_;
  Runtime& runtime_;
  const int stop_;
  int wake_ = -1;
  SteadyPoint deadline_ = SteadyPoint::max();
};

using TlsStream = asio::ssl::stream<Wire&>;

void use_file(const std::string& file, const char* what, const error_code& error) {
  if (!error) return;
  throw UsageError{"redis: the " + std::string{what} + " in the file '" + file +
                   "' cannot be used: " + error.message()};
}

void set_up(asio::ssl::context& context, const Tls& tls) {
  error_code error;
  context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                      asio::ssl::context::no_tlsv1_1);
  if (tls.ca.empty()) {
    context.set_default_verify_paths(error);
  } else {
    context.load_verify_file(tls.ca, error);
    use_file(tls.ca, "trusted certificates", error);
  }
  if (!tls.certificate.empty()) {
    context.use_certificate_chain_file(tls.certificate, error);
    use_file(tls.certificate, "certificate", error);
    context.use_private_key_file(tls.key, asio::ssl::context::pem, error);
    use_file(tls.key, "private key", error);
  }
  context.set_verify_mode(tls.verify ? asio::ssl::verify_peer : asio::ssl::verify_none);
}

[[noreturn]] void fail(const error_code& error, Kind kind) {
  if (error == timed_out) throw StreamError{Kind::silent, "no answer in time"};
  if (error == stopped) throw StreamError{Kind::lost, "we are stopping"};
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) {
    throw StreamError{kind, "the server has closed the connection"};
  }
  throw StreamError{kind, error.message()};
}

bool is_ip(const std::string& host) {
  error_code error;
  static_cast<void>(asio::ip::make_address(host, error));
  return !error;
}

}  // namespace

std::string to_string(const Address& address) {
  return address.unix_socket.empty() ? to_string(address.endpoint) : address.unix_socket;
}

struct Network::Parts {
  Parts(Tls given, std::shared_ptr<Runtime> its_runtime)
      : tls{std::move(given)}, runtime{std::move(its_runtime)} {
    if (!tls.enabled) return;
    set_up(context.emplace(asio::ssl::context::tls_client), tls);
  }

  const Tls tls;
  const std::shared_ptr<Runtime> runtime;
  std::optional<asio::ssl::context> context;  // none without TLS
  asio::io_context io;                        // sockets want one; nothing runs on it
};

Network::Network(const Tls& tls, std::shared_ptr<Runtime> runtime)
    : parts_{std::make_unique<Parts>(tls, std::move(runtime))} {}

Network::~Network() = default;

struct Stream::Parts {
  Parts(Network::Parts& its_network, int stop)
      : network{its_network}, wire{its_network.io, *its_network.runtime, stop} {}

  void connect(const Address& address) {
    if (!address.unix_socket.empty()) {
      const asio::local::stream_protocol::endpoint file{address.unix_socket};
      if (const error_code error = wire.connect(file)) fail(error, Kind::unreachable);
      return;
    }
    connect(address.endpoint);
    if (network.context) shake_hands(address.endpoint.host);
  }

  // Tries all addresses that the host has.
  void connect(const Endpoint& endpoint) {
    error_code error;
    asio::ip::tcp::resolver resolver{network.io};
    const auto found = resolver.resolve(endpoint.host, std::to_string(endpoint.port), error);
    if (error) fail(error, Kind::unreachable);
    for (const auto& one : found) {
      error_code ignored;
      wire.lowest_layer().close(ignored);
      error = wire.connect(one.endpoint());
      if (!error) break;
    }
    if (error) fail(error, Kind::unreachable);
    wire.lowest_layer().set_option(asio::ip::tcp::no_delay{true});
    wire.lowest_layer().set_option(asio::socket_base::keep_alive{true});
  }

  void shake_hands(const std::string& host) {
    const std::string& name = network.tls.server_name.empty() ? host : network.tls.server_name;
    tls.emplace(wire, *network.context);
    if (!is_ip(name)) {
      // A name that OpenSSL does not take is one that no certificate has either.
      ::SSL_ctrl(tls->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(name.c_str()));
    }
    if (network.tls.verify) tls->set_verify_callback(asio::ssl::host_name_verification{name});
    error_code error;
    tls->handshake(asio::ssl::stream_base::client, error);
    if (!error) return;
    if (error == timed_out) {
      throw StreamError{Kind::silent,
                        "no answer to our TLS in time; does the server speak TLS on this port?"};
    }
    const long verdict = ::SSL_get_verify_result(tls->native_handle());
    if (network.tls.verify && verdict != X509_V_OK) {
      throw StreamError{Kind::untrusted, std::string{"certificate verify failed: "} +
                                             ::X509_verify_cert_error_string(verdict)};
    }
    const bool is_tls = error.category() == asio::error::get_ssl_category();
    fail(error, is_tls ? Kind::untrusted : Kind::unreachable);
  }

  Network::Parts& network;
  Wire wire;
  std::optional<TlsStream> tls;
};

Stream::Stream(Network& network, const Address& address, SteadyPoint deadline, int stop)
    : parts_{std::make_unique<Parts>(network.parts(), stop)} {
  parts_->wire.set_limits(deadline);
  parts_->connect(address);
}

Stream::~Stream() = default;

void Stream::write(std::string_view bytes, SteadyPoint deadline) {
  parts_->wire.set_limits(deadline);
  error_code error;
  const auto buffer = asio::buffer(bytes);
  if (parts_->tls) {
    asio::write(*parts_->tls, buffer, error);
  } else {
    asio::write(parts_->wire, buffer, error);
  }
  if (error) fail(error, Kind::lost);
}

std::size_t Stream::read(std::span<char> into, SteadyPoint deadline, int wake) {
  parts_->wire.set_limits(deadline, wake);
  error_code error;
  const auto buffer = asio::buffer(into.data(), into.size());
  const std::size_t got =
      parts_->tls ? parts_->tls->read_some(buffer, error) : parts_->wire.read_some(buffer, error);
  if (error == woken || (error == timed_out && wake >= 0)) return 0;
  if (error) fail(error, Kind::lost);
  return got;
}

bool Stream::is_quiet() const {
  pollfd source{parts_->wire.lowest_layer().native_handle(), POLLIN, 0};
  return ::poll(&source, 1, 0) == 0;
}

}  // namespace portfire::redis
