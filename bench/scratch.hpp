#pragma once

// Empty storages of the kind that a URL names, away from what is stored there.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <portfire/open.hpp>

namespace portfire::bench {

class Scratch {
 public:
  // Makes the directory, if storages of this kind are files. Throws StorageError when it cannot.
  Scratch(StorageUrl url, const Driver& driver);
  // Removes it with everything in it.
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  // A new, empty storage each time; gone before this is.
  std::shared_ptr<Storage> open();

  // Empty where storages of this kind are not files.
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  // For the engine's own client library; empty where there is none.
  [[nodiscard]] std::string native_url() const;

 private:
  StorageUrl url_;
  std::vector<StorageUrl> places_;  // besides the one of the URL, to be removed
  const Driver& driver_;
  std::filesystem::path directory_;
  int opened_ = 0;
};

}  // namespace portfire::bench
