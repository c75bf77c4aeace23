#include "faults_redis/faults.hpp"

#include <utility>

namespace portfire::faults {

std::string Installation::url_through(const TcpGate& gate) const {
  const std::string port = ':' + std::to_string(server().port()) + '/';
  std::string url = tcp_url();
  return url.replace(url.find(port), port.size(), ':' + std::to_string(gate.port()) + '/');
}

std::shared_ptr<Storage> Installation::open(redis::Options options) const {
  return redis::open(url(), std::move(options));
}

std::shared_ptr<Storage> Installation::open_through(const TcpGate& gate,
                                                    redis::Options options) const {
  return redis::open(url_through(gate), std::move(options));
}

std::size_t Installation::keys(const std::string& kind) const {
  return std::stoul(server().execute({"EVAL", "return #redis.call('KEYS', ARGV[1])", "0",
                                      "{" + place_.prefix() + "}" + kind + "*"}));
}

std::uint64_t ever(Storage& storage, const std::string& state) {
  const auto numbers = storage.monitoring().statistics().lifetime;
  const auto found = numbers.find(state);
  return found != numbers.end() ? found->second : 0;
}

}  // namespace portfire::faults
