#pragma once

// One call of a script, with the bytes of its arguments.

#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/id.hpp>

#include "storage/redis/gateway.hpp"
#include "storage/redis/settings.hpp"

namespace portfire::redis {

class Call {
 public:
  Call(const Settings& settings, const Script& script);

  // Bytes that live until the answer is there.
  Call& add(std::string_view text) {
    call_.arguments.push_back(text);
    return *this;
  }
  // Bytes that are copied.
  Call& copy(std::string_view text) { return add(keep(text)); }
  Call& number(std::int64_t value) { return copy(std::to_string(value)); }
  Call& number(std::uint64_t value) { return copy(std::to_string(value)); }
  template <class Tag>
  Call& id(Id<Tag> value) {
    std::array<char, 16> bytes{};
    write(bytes.data(), value.high());
    write(bytes.data() + 8, value.low());
    return copy({bytes.data(), bytes.size()});
  }

  // It changes nothing.
  Call& reads() {
    call_.writes = false;
    return *this;
  }
  // What it changes may be lost with the master.
  Call& needs_no_replica() {
    call_.writes = false;
    return *this;
  }
  // Done twice it would do harm, or its first answer would be missed.
  Call& forbid_repetition() {
    call_.repeatable = false;
    return *this;
  }

  // Which argument comes next; one that stands there already may be replaced.
  [[nodiscard]] std::size_t size() const { return call_.arguments.size(); }
  void replace(std::size_t at, std::string_view text) { call_.arguments[at] = keep(text); }

  [[nodiscard]] const ScriptCall& script_call() const { return call_; }

 private:
  static void write(char* to, std::uint64_t value) {
    for (std::size_t at = 0; at < 8; ++at) {
      to[at] = static_cast<char>(static_cast<unsigned char>(value >> (56 - 8 * at)));
    }
  }
  std::string_view keep(std::string_view text);

  ScriptCall call_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* free_ = nullptr;
  std::size_t room_ = 0;
};

}  // namespace portfire::redis
