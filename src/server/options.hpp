#pragma once

// Checks a server's options once and says them in the log.

#include <string>

#include <portfire/server.hpp>

namespace portfire::server {

// Fills in what depends on the machine. Throws UsageError naming field, value and rule.
ServerOptions checked(ServerOptions options, unsigned processors);

// Throws UsageError for limits that no process can have.
void check_process_limits(const std::string& field, const ProcessLimits& limits);

// `host:pid`.
std::string default_server_name();

// One line with every option.
std::string described(const ServerOptions& options);

}  // namespace portfire::server
