#pragma once

// How the program ends, for scripts. Part of the interface: numbers never change their meaning.

#include <string>

namespace portfire::cli {

enum class ExitCode : unsigned char {
  ok = 0,
  failed = 1,
  usage = 2,
  storage = 3,
  not_found = 4,
  timed_out = 5,
};

// The table of them all, for --help.
std::string exit_codes_in_words();

// The one that matters more, where several jobs end differently.
ExitCode worse(ExitCode a, ExitCode b);

}  // namespace portfire::cli
