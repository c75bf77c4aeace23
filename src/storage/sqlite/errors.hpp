#pragma once

// What SQLite's result codes mean to a caller: one table.

#include <filesystem>
#include <string>

#include <portfire/error.hpp>

namespace portfire::sqlite {

// Throws a `StorageError` that names the file, what happened and, where there is one, the cure.
[[noreturn]] void throw_storage_error(const std::filesystem::path& file, const char* operation,
                                      int code, const std::string& engine_text);

// The same for what is wrong with a file before SQLite has a say.
[[noreturn]] void throw_unusable(const std::filesystem::path& file, const char* operation,
                                 const std::string& problem_and_cure, int code = 0);

}  // namespace portfire::sqlite
