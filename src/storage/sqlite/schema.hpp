#pragma once

// Whether a file is ours, which version its schema has, and how it gets a newer one.

#include <filesystem>

namespace portfire::sqlite {

class SideLock;

// The file's version; 0 when there is no file, or an empty one. Throws `StorageError` when it is
// something else than a Portfire database.
int version_of(const std::filesystem::path& file);

// Brings the file to the newest version, creating it if need be, under the lock: processes that do
// this at the same time do it once. Throws `StorageError`, also when the file is newer than this
// library.
void upgrade(const std::filesystem::path& file, SideLock& lock);

// Throws `StorageError` unless the file has exactly the version that this library works with.
void require_newest(const std::filesystem::path& file);

// Throws `StorageError` for what can be said about the path before anything is opened.
void check_path(const std::filesystem::path& file);

}  // namespace portfire::sqlite
