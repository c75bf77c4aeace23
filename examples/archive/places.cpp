#include "places.hpp"

#include <sys/stat.h>

#include "path_text.hpp"

namespace archive {

namespace {

constexpr std::string_view suffix = ".zst";

// A folder `notes.zst` must not stand where the copy of a file `notes` belongs.
std::string folder_name(std::string name) {
  const std::string_view core{name.data(), name.find_last_not_of('~') + 1};
  if (core.ends_with(suffix)) name += '~';
  return name;
}

}  // namespace

std::filesystem::path Places::copy_of(const File& file) const {
  const std::filesystem::path path = from_text(file.path);
  std::filesystem::path copy = archive / "files";
  for (const auto& folder : path.parent_path()) copy /= folder_name(folder.string());
  copy /= path.filename();
  return copy += suffix;
}

bool Places::has_copy_of(const File& file) const {
  struct stat status{};
  return lstat(copy_of(file).c_str(), &status) == 0 && count_ns(status.st_mtim) == file.modified_ns;
}

std::int64_t count_ns(const timespec& instant) {
  constexpr std::int64_t ns_per_second = 1'000'000'000;
  return std::int64_t{instant.tv_sec} * ns_per_second + std::int64_t{instant.tv_nsec};
}

}  // namespace archive
