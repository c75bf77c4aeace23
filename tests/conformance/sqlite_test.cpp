#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include <portfire/sqlite.hpp>
#include <portfire/testing/conformance.hpp>

namespace {

// A directory that is removed with its last user.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "portfire-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"mkdtemp failed"};
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;  // what is left behind lies among the temporary files
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Not `full`: what differs is seen only when the power fails, and every test would pay for it.
portfire::conformance::Driver sqlite_driver() {
  return {.name = "Sqlite", .place = [] {
            const auto directory = std::make_shared<TemporaryDirectory>();
            return [directory](std::shared_ptr<const portfire::TimeOffset> offset) {
              return portfire::sqlite::open(directory->path() / "jobs.db",
                                            {.durability = portfire::sqlite::Durability::normal,
                                             .time_offset = std::move(offset)});
            };
          }};
}

}  // namespace

PORTFIRE_CONFORMANCE(Sqlite, sqlite_driver());
