#pragma once

// Numbers sent to and fro between two processes.

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace portfire::bench {

class Channel {
 public:
  // Takes over one end of a pair of sockets.
  explicit Channel(int descriptor) : descriptor_{descriptor} {}
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Two ends that are not inherited by processes started later. Throws StorageError.
  static std::pair<int, int> pair();

  // Nothing happens when the other end is gone. Any thread.
  void send(std::int64_t number) const;

  // Nothing when there was none in time, or when the other end is gone. One thread.
  std::optional<std::int64_t> receive(std::chrono::milliseconds timeout);
  [[nodiscard]] bool is_closed() const { return is_closed_; }

  // The other end sees this one as gone, but can still send.
  void hang_up() const;

 private:
  const int descriptor_;
  bool is_closed_ = false;
};

}  // namespace portfire::bench
