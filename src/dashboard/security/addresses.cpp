#include "dashboard/security/addresses.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

#include "dashboard/letters.hpp"

namespace portfire::dashboard {

namespace {

using Address = std::array<unsigned char, 16>;

// All of them as IPv6; IPv4 as mapped into it.
std::optional<Address> parse_address(std::string_view text) {
  Address address{};
  const std::string copy{text};
  if (inet_pton(AF_INET6, copy.c_str(), address.data()) == 1) return address;
  address = {};
  address[10] = address[11] = 0xFF;
  if (inet_pton(AF_INET, copy.c_str(), &address[12]) == 1) return address;
  return std::nullopt;
}

// `localhost:8080` → `localhost`, `[::1]:8080` → `::1`.
std::string_view without_port(std::string_view host) {
  if (!host.starts_with('[')) return host.substr(0, host.find(':'));
  const std::size_t end = host.find(']');
  return end == std::string_view::npos ? std::string_view{} : host.substr(1, end - 1);
}

bool is_mapped(const Address& address) {
  return std::all_of(address.begin(), address.begin() + 10, [](auto byte) { return byte == 0; }) &&
         address[10] == 0xFF && address[11] == 0xFF;
}

}  // namespace

bool is_address(std::string_view text) { return parse_address(text).has_value(); }

bool is_loopback(std::string_view address) {
  const auto parsed = parse_address(address);
  if (!parsed) return false;
  if (is_mapped(*parsed)) return (*parsed)[12] == 127;
  Address loopback{};
  loopback[15] = 1;
  return *parsed == loopback;
}

bool is_local_host(std::string_view host) {
  const std::string_view name = without_port(host);
  return equal_in_any_case(name, "localhost") || is_loopback(name);
}

bool is_host_among(std::string_view host, const std::vector<std::string>& names) {
  return std::ranges::any_of(names, [&](const std::string& name) {
    return equal_in_any_case(without_port(host), without_port(name));
  });
}

bool is_among(std::string_view address, const std::vector<std::string>& list) {
  const auto wanted = parse_address(address);
  return wanted && std::ranges::any_of(
                       list, [&](const std::string& one) { return parse_address(one) == wanted; });
}

}  // namespace portfire::dashboard
