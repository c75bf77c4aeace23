#include "bench/server_process.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <portfire/error.hpp>

namespace portfire::bench {

namespace {

using std::chrono::milliseconds;

// Longer than a server takes to stop.
constexpr milliseconds patience{60'000};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// The URL is no argument, which everybody can read: it may have a password in it.
std::vector<std::string> environment_with(const std::string& storage_url) {
  const std::string variable = "PORTFIRE_STORAGE=";
  std::vector<std::string> all;
  for (char** other = environ; *other != nullptr; ++other) {
    if (!std::string_view{*other}.starts_with(variable)) all.emplace_back(*other);
  }
  all.push_back(variable + storage_url);
  return all;
}

// This program, with one end of the channel as its standard input. A new process rather than a
// fork: the measurement has threads by now.
pid_t spawn(const std::string& storage_url, std::vector<std::string> words, int channel) {
  std::vector<std::string> variables = environment_with(storage_url);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, channel, STDIN_FILENO);
  pid_t process = -1;
  const int failed = posix_spawn(&process, "/proc/self/exe", &actions, nullptr,
                                 pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed == 0) return process;
  throw StorageError{"cannot start a server process: " + std::generic_category().message(failed),
                     {.operation = "bench", .native_code = failed}};
}

}  // namespace

ServerProcess::ServerProcess(const std::string& storage_url, News news, const Plan& plan) {
  start(storage_url,
        {"--as-server-process", news == News::entries ? "entries" : "runs", "--workers",
         std::to_string(plan.workers)},
        plan);
}

ServerProcess::ServerProcess(const std::string& native_url, const std::string& name,
                             const Plan& plan) {
  start(native_url, {"--as-receiver", name}, plan);
}

void ServerProcess::start(const std::string& url, const std::vector<std::string>& words,
                          const Plan& plan) {
  std::vector<std::string> command = plan.command;
  command.insert(command.end(), words.begin(), words.end());
  const auto [here, there] = Channel::pair();
  channel_.emplace(here);
  {
    const Channel its_end{there};
    process_ = spawn(url, std::move(command), there);
  }
  if (channel_->receive(patience)) return;
  stop();
  throw StorageError{"a server process did not come to be ready", {.operation = "bench"}};
}

ServerProcess::~ServerProcess() { stop(); }

void ServerProcess::stop() noexcept {
  channel_->hang_up();
  // It may have things to say until it is gone.
  while (channel_->receive(patience)) continue;
  if (!channel_->is_closed()) kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

std::optional<std::int64_t> ServerProcess::receive(milliseconds timeout) {
  const auto number = channel_->receive(timeout);
  if (!channel_->is_closed()) return number;
  throw StorageError{"a server process has ended before its time", {.operation = "bench"}};
}

}  // namespace portfire::bench
