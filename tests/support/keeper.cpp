#include "support/keeper.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "support/process.hpp"

namespace portfire {

// It waits for the other end of its pipe to be closed. The work is done by a child whose parent is
// gone: those who end a process with all its children, as ctest does after a timeout, do not find
// it.
Keeper::Keeper(const std::string& script, const std::filesystem::path& directory) {
  const std::string whole =
      "exec 3<&0\n(\n  while read -r line <&3; do :; done\n" + script + "\n) &\n";
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error{"pipe2 failed"};
  pipe_ = ends[1];
  const File nothing{"/dev/null", O_WRONLY};
  spawn_process({"setsid", "sh", "-c", whole, "keeper", directory.string()}, ends[0],
                nothing.number())
      .wait();
  ::close(ends[0]);
}

Keeper::~Keeper() { ::close(pipe_); }

}  // namespace portfire
