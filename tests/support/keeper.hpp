#pragma once

#include <filesystem>
#include <string>

namespace portfire {

// Cleans up at the end of its life, or of the program's, however that ends: runs a script of the
// shell, which finds a directory as `$1`.
class Keeper {
 public:
  Keeper(const std::string& script, const std::filesystem::path& directory);
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

 private:
  int pipe_ = -1;
};

}  // namespace portfire
