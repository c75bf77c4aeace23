#pragma once

// Wakes a thread that polls.

#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

#include "runtime/descriptor.hpp"

namespace portfire::server::isolation {

// Threads: any.
class Bell {
 public:
  Bell() : event_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
    if (event_.number() < 0) throw std::system_error{errno, std::generic_category(), "eventfd"};
  }

  // Readable from the ringing on, until it is silenced.
  [[nodiscard]] int descriptor() const { return event_.number(); }
  void ring() const {
    constexpr std::uint64_t one = 1;
    static_cast<void>(!write(event_.number(), &one, sizeof one));
  }
  void silence() const {
    std::uint64_t rings = 0;
    static_cast<void>(!read(event_.number(), &rings, sizeof rings));
  }

 private:
  Descriptor event_;
};

}  // namespace portfire::server::isolation
