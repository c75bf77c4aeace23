#include "server/liveness.hpp"

#include <filesystem>
#include <fstream>
#include <memory>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <portfire/runtime.hpp>

namespace portfire::server {
namespace {

ServerId fresh_id() {
  return IdGenerator{}.next<ServerId>(thread_runtime()->now(), thread_runtime()->random());
}

TEST(Liveness, ALivingOwnerIsNotDead) {
  const LivenessFile file{fresh_id()};
  ASSERT_FALSE(file.path().empty());
  EXPECT_FALSE(owner_is_dead(file.path())) << "not even to its own process";
}

TEST(Liveness, TheFileGoesWithItsOwner) {
  auto file = std::make_unique<LivenessFile>(fresh_id());
  const std::string path = file->path();
  EXPECT_TRUE(std::filesystem::exists(path));
  file.reset();
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_FALSE(owner_is_dead(path)) << "an absent file proves nothing";
  EXPECT_FALSE(owner_is_dead("")) << "nor does none";
}

TEST(Liveness, AKilledOwnerIsDead) {
  const ServerId id = fresh_id();
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const LivenessFile file{id};
    const auto size = static_cast<char>(file.path().size());
    const bool told = write(ready[1], &size, 1) == 1 &&
                      write(ready[1], file.path().data(), file.path().size()) > 0;
    if (told) pause();
    _exit(1);
  }
  ASSERT_GT(child, 0);
  char size = 0;
  ASSERT_EQ(read(ready[0], &size, 1), 1);
  std::string path(static_cast<std::size_t>(size), '\0');
  ASSERT_EQ(read(ready[0], path.data(), path.size()), size);
  EXPECT_FALSE(owner_is_dead(path));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(owner_is_dead(path));
  remove_liveness_file(path);
  EXPECT_FALSE(std::filesystem::exists(path));
  close(ready[0]);
  close(ready[1]);
}

TEST(Liveness, ASecondFileForOneServerIsNotMade) {
  const ServerId id = fresh_id();
  const LivenessFile first{id};
  const LivenessFile second{id};
  EXPECT_TRUE(second.path().empty());
  EXPECT_FALSE(owner_is_dead(first.path()));
}

TEST(Liveness, AMachineIsNamedByItsBoot) {
  EXPECT_EQ(machine_identity(), machine_identity());
  EXPECT_EQ(machine_identity().size(), 36U);
}

}  // namespace
}  // namespace portfire::server
