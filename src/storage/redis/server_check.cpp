#include "storage/redis/server_check.hpp"

#include <charconv>
#include <utility>

namespace portfire::redis {

namespace {

constexpr std::pair<int, int> oldest_version{6, 2};

std::pair<int, int> version_in(std::string_view text) {
  std::pair<int, int> version{0, 0};
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.first);
  if (major.ec == std::errc{} && major.ptr != end) {
    std::from_chars(major.ptr + 1, end, version.second);
  }
  return version;
}

}  // namespace

std::string_view info_value(std::string_view info, std::string_view name) {
  for (std::size_t at = 0; at < info.size();) {
    const auto end = std::min(info.find('\n', at), info.size());
    auto line = info.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with(name) && line.substr(name.size()).starts_with(':')) {
      return line.substr(name.size() + 1);
    }
    at = end + 1;
  }
  return {};
}

std::vector<std::string> check_server(std::string_view info, const Settings& settings,
                                      const Scene& scene) {
  const std::string version{info_value(info, "redis_version")};
  if (version.empty()) {
    throw_unusable(scene, "the server does not tell its version by INFO; is it Redis?");
  }
  if (version_in(version) < oldest_version) {
    throw_unusable(scene, "the server is too old: it is Redis " + version +
                              ", and Portfire needs 6.2 or newer; upgrade it");
  }
  const std::string policy{info_value(info, "maxmemory_policy")};
  if (policy.empty() || policy == "noeviction") return {};
  const std::string problem = "the server's maxmemory-policy is " + policy +
                              ", by which it may throw stored jobs away when its memory is full; "
                              "set `maxmemory-policy noeviction`";
  if (settings.eviction == Eviction::warn) return {std::string{scene.place} + ": " + problem};
  throw_unusable(scene, problem + ", or accept it by eviction=warn");
}

}  // namespace portfire::redis
