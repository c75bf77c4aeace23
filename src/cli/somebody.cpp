#include "cli/somebody.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>

namespace portfire::cli {

std::string somebody() {
  const passwd* entry = getpwuid(geteuid());
  std::array<char, 256> host{};
  std::string text = entry == nullptr ? std::to_string(geteuid()) : entry->pw_name;
  if (gethostname(host.data(), host.size() - 1) == 0) text += "@" + std::string{host.data()};
  return text;
}

}  // namespace portfire::cli
