#pragma once

// Bytes to and from one server, over a socket file, TCP or TLS; nothing waits without an end.

#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include <portfire/runtime.hpp>

#include "storage/redis/settings.hpp"

namespace portfire::redis {

// Where one server listens.
struct Address {
  std::string unix_socket = {};  // or
  Endpoint endpoint = {};

  friend bool operator==(const Address&, const Address&) = default;
};

std::string to_string(const Address& address);

// Why a stream is of no more use.
class StreamError : public std::runtime_error {
 public:
  enum class Kind {
    unreachable,  // no connection was made
    untrusted,    // TLS: one side does not accept the other
    lost,         // the connection broke
    silent,       // the other side did not do its part in time
  };

  StreamError(Kind kind, const std::string& text) : std::runtime_error{text}, kind_{kind} {}
  [[nodiscard]] Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

// What all streams of a gateway share: the files of TLS, read once. Outlives the streams.
class Network {
 public:
  // Throws `UsageError` for files that cannot be used.
  Network(const Tls& tls, std::shared_ptr<Runtime> runtime);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  struct Parts;
  [[nodiscard]] Parts& parts() { return *parts_; }

 private:
  const std::unique_ptr<Parts> parts_;
};

// Threads: one at a time, except for `interrupt`. Errors: `StreamError`.
class Stream {
 public:
  // Connects. Readable `stop`, if there is one, ends every wait of the stream.
  Stream(Network& network, const Address& address, SteadyPoint deadline, int stop = -1);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void write(std::string_view bytes, SteadyPoint deadline);

  // Waits for at least one byte, and answers how many. With a `wake` it is 0 when that has become
  // readable instead, or the deadline has passed.
  std::size_t read(std::span<char> into, SteadyPoint deadline, int wake = -1);

  // Whether it is neither closed nor has anything to read. Asks nobody.
  [[nodiscard]] bool is_quiet() const;

 private:
  struct Parts;
  const std::unique_ptr<Parts> parts_;
};

}  // namespace portfire::redis
