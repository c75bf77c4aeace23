#include "archive/sandbox.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <system_error>
#include <utility>
#include <vector>

#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <portfire/sqlite.hpp>

#include "archive/decompress.hpp"
#include "examples/archive/descriptor.hpp"
#include "examples/archive/path_text.hpp"
#include "examples/archive/places.hpp"
#include "examples/archive/sha256.hpp"

namespace archive::testing {

namespace fs = std::filesystem;

namespace {

// Sees everything that a run does to its archive: all files pass through `partial`, all else
// through the database, which lies in the archive itself.
class Watch {
 public:
  explicit Watch(const fs::path& archive)
      : partial_{archive / "partial"}, descriptor_{inotify_init1(IN_CLOEXEC | IN_NONBLOCK)} {
    add(archive);
    add(partial_);
  }
  ~Watch() { close(descriptor_); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }

  // How many there have been since the last look.
  std::size_t take() {
    alignas(inotify_event) std::array<char, 4096> buffer{};
    const ssize_t size = read(descriptor_, buffer.data(), buffer.size());
    std::size_t count = 0;
    for (ssize_t at = 0; at < size; ++count) {
      inotify_event event{};
      std::copy_n(buffer.data() + at, sizeof event, std::bit_cast<char*>(&event));
      // Each run begins with a folder of its own.
      if ((event.mask & IN_ISDIR) != 0) add(partial_);
      at += static_cast<ssize_t>(sizeof event) + static_cast<ssize_t>(event.len);
    }
    return count;
  }

 private:
  void add(const fs::path& folder) const {
    inotify_add_watch(descriptor_, folder.c_str(), IN_CREATE | IN_MODIFY | IN_MOVED_FROM);
  }

  const fs::path partial_;
  const int descriptor_;
};

}  // namespace

Sandbox::Sandbox(std::uint64_t seed) : random_{seed} {
  std::string name = (fs::path{::testing::TempDir()} / "archive_test_XXXXXX").string();
  root_ = mkdtemp(name.data());
  source_ = root_ / "source";
  archive_ = root_ / "archive";
  fs::create_directories(source_);
  fs::create_directories(archive_);
}

Sandbox::~Sandbox() {
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

void Sandbox::write(const std::string& path, std::string content) {
  const fs::path file = source_ / path;
  fs::create_directories(file.parent_path());
  std::ofstream{file, std::ios::binary} << content;
  const std::array<timespec, 2> dates{timespec{++date_, 7}, timespec{date_, 7}};
  utimensat(AT_FDCWD, file.c_str(), dates.data(), 0);
  copies_[copy_of(path)].insert(content);
  files_[path] = std::move(content);
}

std::string Sandbox::random_content(std::size_t size) {
  std::vector<std::uint64_t> words(size / sizeof(std::uint64_t) + 1);
  std::ranges::generate(words, std::ref(random_));
  std::string content(size, '\0');
  std::memcpy(content.data(), words.data(), size);
  return content;
}

std::size_t Sandbox::random_size(std::size_t most) {
  const std::size_t ceiling = most >> (random_() % std::bit_width(most));
  return random_() % (ceiling + 1);
}

void Sandbox::fill(int files) {
  constexpr std::size_t most = 100'000;
  for (int i = 0; i < files; ++i) {
    write("folder " + std::to_string(i % 7) + "/" + std::to_string(i) + ".data",
          random_content(random_size(most)));
  }
  write("large", random_content(5'000'000));
  write("empty", "");
  write("repetitive", std::string(1'000'000, 'a'));
  for (const char* name :
       {"with space", "-dash", ".hidden", "new\nline", "back\\slash", "\\x41", "tab\t", "\xff\xfe",
        "Grüße/漢字 🐈.txt", "notes", "notes.zst/inner", "notes.zst~/inner", "notes.zst~/notes"}) {
    write(name, random_content(random_size(1000)));
  }
  for (const char* name : {".git/config", "deep/build/main.o", "cache/CACHEDIR.TAG"}) {
    fs::create_directories((source_ / name).parent_path());
    std::ofstream{source_ / name} << "left out";
  }
  fs::create_symlink("large", source_ / "link");
  fs::create_directory_symlink(".", source_ / "circle");
  mkfifo((source_ / "pipe").c_str(), 0600);
}

portfire::OwnedProcess Sandbox::start() const {
  // An hour: whoever waits for a lease here waits in vain.
  std::vector<std::string> words = {
      ARCHIVE_PROGRAM, source_.string(), archive_.string(), "--workers", "3", "--lease", "3600"};
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const Descriptor output{log(), O_WRONLY | O_CREAT | O_TRUNC, 0600};
  const pid_t child = fork();
  if (child != 0) return portfire::OwnedProcess{child};
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // never outlives a test that was ended
  dup2(output.get(), STDOUT_FILENO);
  dup2(output.get(), STDERR_FILENO);
  execv(ARCHIVE_PROGRAM, pointers.data());
  _exit(127);
}

std::optional<int> Sandbox::run(std::optional<std::size_t> kill_after_events) {
  Watch watch{archive_};
  portfire::OwnedProcess child = start();
  const int end = static_cast<int>(syscall(SYS_pidfd_open, child.number(), 0));
  if (end < 0) throw std::system_error{errno, std::generic_category(), "pidfd_open"};
  std::array<pollfd, 2> news{pollfd{end, POLLIN, 0}, pollfd{watch.descriptor(), POLLIN, 0}};
  std::size_t seen = 0;
  while ((news[0].revents & POLLIN) == 0) {
    if (kill_after_events && seen >= *kill_after_events) {
      child.signal(SIGKILL);
      break;
    }
    poll(news.data(), news.size(), -1);
    seen += watch.take();
  }
  close(end);
  const int status = child.wait();
  if (WIFSIGNALED(status)) {
    EXPECT_EQ(WTERMSIG(status), SIGKILL) << output();
    return std::nullopt;
  }
  return WEXITSTATUS(status);
}

std::string Sandbox::output() const { return read_file(log()); }

fs::path Sandbox::copy_of(const std::string& path) const {
  return Places{.source = source_, .archive = archive_}.copy_of({.path = to_text(path)});
}

std::shared_ptr<portfire::Storage> Sandbox::open_storage() const {
  return portfire::sqlite::open(archive_ / "archive.db");
}

void Sandbox::expect_only_whole_copies() {
  if (!fs::exists(archive_ / "files")) return;
  for (const auto& entry : fs::recursive_directory_iterator{archive_ / "files"}) {
    if (!entry.is_regular_file()) continue;
    struct stat status{};
    ASSERT_EQ(stat(entry.path().c_str(), &status), 0);
    const auto look = std::tuple{status.st_ino, status.st_ctim.tv_sec, status.st_ctim.tv_nsec};
    if (std::exchange(looked_at_[entry.path()], look) == look) continue;
    const auto content = decompress(entry.path());
    ASSERT_TRUE(content.has_value()) << entry.path() << " is not whole";
    const auto versions = copies_.find(entry.path().string());
    ASSERT_NE(versions, copies_.end()) << entry.path() << " is a copy of nothing";
    EXPECT_TRUE(versions->second.contains(*content)) << entry.path() << " is of no version";
  }
}

void Sandbox::expect_finished() const {
  std::map<std::string, std::string> lines;
  for (const auto& [path, content] : files_) {
    lines[to_text(path)] = sha256(content) + "  " + std::to_string(content.size()) + "  ";
    EXPECT_EQ(decompress(copy_of(path)), content) << path;
  }
  std::string manifest;
  for (const auto& [path, before] : lines) manifest += before + path + "\n";
  EXPECT_EQ(read_file(archive_ / "manifest.txt"), manifest);
  EXPECT_TRUE(fs::is_empty(archive_ / "partial"));
}

}  // namespace archive::testing
