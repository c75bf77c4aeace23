#include "storage/redis/call.hpp"

#include <algorithm>

namespace portfire::redis {

Call::Call(const Settings& settings, const Script& script) {
  call_.script = &script;
  call_.keys.push_back(keep(settings.hash_tag()));
  if (settings.frozen_at) {
    const Duration instant = settings.frozen_at->time_since_epoch() + settings.shift();
    copy('=' + std::to_string(instant.count()));
  } else {
    number(settings.shift().count());
  }
}

std::string_view Call::keep(std::string_view text) {
  constexpr std::size_t block = 16 * 1024;
  if (text.size() > room_) {
    room_ = std::max(block, text.size());
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(room_));
    free_ = blocks_.back().get();
  }
  char* const begin = free_;
  std::copy(text.begin(), text.end(), begin);
  free_ += text.size();
  room_ -= text.size();
  return {begin, text.size()};
}

}  // namespace portfire::redis
