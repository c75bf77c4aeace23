#pragma once

// A job's way from one process to another by the raw engine: the floor of a start on an idle
// system. One file per engine.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace portfire::bench {

// One thread. Everything throws StorageError.
class Post {
 public:
  enum class Side : unsigned char { sender, receiver };

  virtual ~Post() = default;

  // The sender's: stores a job and tells of it, by one call.
  virtual void send(std::uint64_t serial) = 0;

  // The receiver's: waits until it is told of a job and takes that, by one call more. Returns
  // whether there was one in time.
  virtual bool receive(std::chrono::milliseconds timeout) = 0;

  // The receiver's: stores that the job has succeeded.
  virtual void finish() = 0;
};

// On the place of a storage that nobody else uses. Whoever makes the sender's side does that first.
using MakePost = std::function<std::unique_ptr<Post>(const std::string& native_url,
                                                     const std::string& name, Post::Side side)>;

}  // namespace portfire::bench
