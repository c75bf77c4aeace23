#include "support/private_pooler.hpp"

#include <libpq-fe.h>

#include <chrono>
#include <fstream>
#include <stdexcept>

#include "support/process.hpp"

namespace portfire {

PrivatePooler::PrivatePooler(const PrivatePostgres& server, int connections)
    : directory_{"/tmp"}, port_{free_port()} {
  const auto settings = directory_.path() / "pgbouncer.ini";
  const auto log = directory_.path() / "log";
  const auto users = directory_.path() / "users";
  std::ofstream{users} << "\"postgres\" \"\"\n";
  std::ofstream{settings} << "[databases]\n* = host=127.0.0.1 port=" << server.port()
                          << "\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = " << port_
                          << "\nunix_socket_dir =\nauth_type = trust\nauth_file = "
                          << users.string() << "\n"
                          << "pool_mode = transaction\ndefault_pool_size = " << connections
                          << "\nmax_client_conn = 100\n";
  give_to_other_user(directory_.path());
  Command command = as_other_user();
  if (command.empty()) command.emplace_back("setpriv");
  command.insert(command.end(), {"--pdeathsig", "KILL", "pgbouncer", settings.string()});
  pooler_ = spawn_process(command, log);
  constexpr int tries = 1000;
  constexpr std::chrono::milliseconds pause{10};
  for (int i = 0; i < tries; ++i) {
    if (answers()) return;
    if (pooler_.has_ended(pause)) break;
  }
  throw std::runtime_error{"PgBouncer does not start; tests need Debian's package pgbouncer\n" +
                           last_lines(log)};
}

std::string PrivatePooler::url(const std::string& database) const {
  return "postgresql://postgres@127.0.0.1:" + std::to_string(port_) + '/' + database;
}

bool PrivatePooler::answers() const { return PQping(url("postgres").c_str()) == PQPING_OK; }

}  // namespace portfire
