#include "listing.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include <sys/stat.h>

#include "path_text.hpp"
#include "places.hpp"

namespace archive {

namespace {

namespace fs = std::filesystem;

bool can_be_made_again(const fs::path& folder) {
  constexpr std::array<std::string_view, 8> names = {
      ".git", ".hg", ".svn", "_darcs", "build", ".bzr", "node_modules", "__pycache__"};
  const std::string name = folder.filename().string();
  return std::ranges::find(names, name) != names.end() || name.starts_with("cmake-build-") ||
         access((folder / "CACHEDIR.TAG").c_str(), F_OK) == 0;
}

class Walk {
 public:
  Walk(const fs::path& root, const fs::path& output, const std::function<void(File)>& on_file)
      : root_{root}, on_file_{on_file} {
    has_output_ = stat(output.c_str(), &output_) == 0;
  }

  Omissions run() {
    folders_.push_back(root_);
    while (!folders_.empty()) {
      const fs::path folder = std::move(folders_.back());
      folders_.pop_back();
      visit(folder);
    }
    return std::move(omissions_);
  }

 private:
  void visit(const fs::path& folder) {
    std::error_code error;
    for (auto entry = fs::directory_iterator{folder, error}; entry != fs::directory_iterator{};
         entry.increment(error)) {
      look_at(entry->path());
    }
    if (error) complain(folder, error);
  }

  void look_at(const fs::path& path) {
    struct stat status{};
    if (lstat(path.c_str(), &status) != 0) {
      // Gone since its folder was read.
      if (errno != ENOENT) complain(path, {errno, std::generic_category()});
    } else if (S_ISDIR(status.st_mode)) {
      if (is_output(status)) return;
      if (can_be_made_again(path)) {
        ++omissions_.folders;
      } else {
        folders_.push_back(path);
      }
    } else if (S_ISREG(status.st_mode)) {
      on_file_({.path = to_text(path.lexically_relative(root_)),
                .size = static_cast<std::uint64_t>(status.st_size),
                .modified_ns = count_ns(status.st_mtim)});
    } else {
      ++(S_ISLNK(status.st_mode) ? omissions_.links : omissions_.specials);
    }
  }

  [[nodiscard]] bool is_output(const struct stat& status) const {
    return has_output_ && status.st_dev == output_.st_dev && status.st_ino == output_.st_ino;
  }

  void complain(const fs::path& path, const std::error_code& error) {
    omissions_.complaints.push_back(to_text(path) + ": " + error.message());
  }

  const fs::path& root_;
  const std::function<void(File)>& on_file_;
  struct stat output_{};
  bool has_output_ = false;
  std::vector<fs::path> folders_;
  Omissions omissions_;
};

}  // namespace

Omissions list_files(const fs::path& root, const fs::path& output,
                     const std::function<void(File)>& on_file) {
  return Walk{root, output, on_file}.run();
}

}  // namespace archive
