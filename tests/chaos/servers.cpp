#include "chaos/servers.hpp"

#include <utility>

namespace portfire::chaos {

Servers::Servers(std::vector<std::string> address, std::filesystem::path directory)
    : address_{std::move(address)}, directory_{std::move(directory)} {}

void Servers::start(std::size_t place, bool is_alone) {
  if (children_.at(place)) return;
  const std::string name = "server" + std::to_string(place + 1) + "-" + std::to_string(++started_);
  std::vector<std::string> words = address_;
  words.push_back((directory_ / name).string());
  words.emplace_back(is_alone ? "alone" : "beside others");
  children_.at(place) = std::make_unique<Child>(std::move(words));
}

// A child that has ended already keeps the status of that end.
bool Servers::kill(std::size_t place) {
  if (!children_.at(place)) return false;
  children_.at(place)->signal(SIGKILL);
  note_end(place, children_.at(place)->wait_status(), SIGKILL);
  return true;
}

bool Servers::stop(std::size_t place) {
  if (!children_.at(place)) return false;
  children_.at(place)->signal(SIGSTOP);
  return true;
}

void Servers::go_on(std::size_t place) {
  if (children_.at(place)) children_.at(place)->signal(SIGCONT);
}

std::vector<pid_t> Servers::processes() const {
  std::vector<pid_t> all;
  for (const auto& child : children_) {
    if (child) all.push_back(child->process());
  }
  return all;
}

void Servers::end_all() {
  for (const auto& child : children_) {
    if (child) child->signal(SIGTERM);
  }
  for (std::size_t place = 0; place < count; ++place) {
    if (children_.at(place)) note_end(place, children_.at(place)->wait_status(), SIGTERM);
  }
}

void Servers::note_end(std::size_t place, int status, int expected) {
  children_.at(place).reset();
  const bool in_order = expected == SIGTERM && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  // The signal itself is the end of one that has only just begun.
  const bool as_expected = in_order || (WIFSIGNALED(status) && WTERMSIG(status) == expected);
  if (as_expected) return;
  complaints_.push_back("server " + std::to_string(place + 1) + " has ended by itself, by " +
                        (WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                             : "exit " + std::to_string(WEXITSTATUS(status))));
}

}  // namespace portfire::chaos
