#pragma once

// Names of code for people.

#include <span>
#include <string>
#include <string_view>

#include <portfire/stack_tracer.hpp>

namespace portfire::crash {

// A name that the compiler has made, as it stands in the source; other names as they are.
std::string demangled(const char* name);

// The part of a path behind the last slash.
std::string file_name(const std::string& path);

// `libacme.so+0x1a2b`: all that can be said without looking into the file.
std::string plain_frame(const CodeLocation& location);

// Two digits for each byte.
std::string hexadecimal(std::span<const unsigned char> bytes);

// `SIGSEGV` for 11; `signal 64` for those without a name of their own.
std::string signal_name(int number);

}  // namespace portfire::crash
