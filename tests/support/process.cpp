#include "support/process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace portfire {

OwnedProcess spawn_process(const Command& command, int in, int out) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
  ::posix_spawn_file_actions_addchdir_np(&actions, "/");
  pid_t process = -1;
  const int error =
      ::posix_spawnp(&process, arguments.front(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw std::runtime_error{command.front() +
                             " cannot be started: " + std::generic_category().message(error)};
  }
  return OwnedProcess{process};
}

OwnedProcess spawn_process(const Command& command, const std::filesystem::path& log) {
  const File nothing{"/dev/null", O_RDONLY};
  const File out{log, O_WRONLY | O_CREAT | O_APPEND};
  return spawn_process(command, nothing.number(), out.number());
}

int run(const Command& command, const std::filesystem::path& log) {
  return spawn_process(command, log).wait();
}

File::File(const std::filesystem::path& path, int flags)
    : number_{::open(path.c_str(), flags | O_CLOEXEC, 0644)} {
  if (number_ < 0) throw std::runtime_error{"cannot open " + path.string()};
}

File::~File() { ::close(number_); }

std::string last_lines(const std::filesystem::path& file) {
  constexpr std::size_t enough = 4000;
  std::ifstream stream{file};
  const std::string text{std::istreambuf_iterator<char>{stream}, {}};
  return text.size() > enough ? text.substr(text.size() - enough) : text;
}

Command as_other_user() {
  if (::geteuid() != 0) return {};
  return {"setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"};
}

void give_to_other_user(const std::filesystem::path& path) {
  if (::geteuid() != 0) return;
  const passwd* user = ::getpwnam("postgres");
  if (user == nullptr) throw std::runtime_error{"there is no user `postgres` to run a server"};
  const auto give = [user](const std::filesystem::path& one) {
    if (::chown(one.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error{"cannot give away " + one.string()};
    }
  };
  give(path);
  if (!std::filesystem::is_directory(path)) return;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{path}) give(entry.path());
}

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool known =
      ::bind(socket, generic, length) == 0 && ::getsockname(socket, generic, &length) == 0;
  ::close(socket);
  if (!known) throw std::runtime_error{"no port is free"};
  return ntohs(address.sin_port);
}

}  // namespace portfire
