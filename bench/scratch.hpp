#pragma once

// Empty storages of the kind that a URL names, away from what is stored there.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <portfire/open.hpp>

namespace portfire::bench {

// An empty storage, and how others than this process' clients and servers come to it.
struct Place {
  std::shared_ptr<Storage> storage;
  std::string name = {};            // the last part of its file, or its schema; empty in memory
  std::string url = {};             // for another process; empty where there can be none
  std::filesystem::path file = {};  // empty where storages of this kind are not files
  std::string native_url = {};  // for the engine's own client library; empty where there is none
};

class Scratch {
 public:
  // Makes the directory, if storages of this kind are files. Throws StorageError when it cannot.
  Scratch(StorageUrl url, const Driver& driver);
  // Removes it with everything in it.
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  // A new, empty storage each time; gone before this is.
  Place place();
  std::shared_ptr<Storage> open() { return place().storage; }

  // Removes the storages so far, which nobody may use any more: what an engine still does for them
  // would disturb the next measurement.
  void clear();

  // Empty where storages of this kind are not files.
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
  Place place_beside(const std::string& name);
  Place place_in_file(const std::string& name);

  const StorageUrl url_;
  std::vector<StorageUrl> places_;  // besides the one of the URL, to be removed
  const Driver& driver_;
  std::filesystem::path directory_;
  int opened_ = 0;
};

}  // namespace portfire::bench
