#pragma once

// Addresses as texts, without ports.

#include <string>
#include <string_view>
#include <vector>

namespace portfire::dashboard {

bool is_address(std::string_view text);

// 127.0.0.0/8, ::1 and the former as mapped into IPv6; false for what is no address.
bool is_loopback(std::string_view address);

// What a header `Host` names: `localhost` or a loopback address, with any port.
bool is_local_host(std::string_view host);

// Whether a header `Host`, with any port, is one of these names, in any case.
bool is_host_among(std::string_view host, const std::vector<std::string>& names);

// Whether an address is in a list, however either is spelt.
bool is_among(std::string_view address, const std::vector<std::string>& list);

}  // namespace portfire::dashboard
