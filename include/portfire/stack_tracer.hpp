#pragma once

/// What a server needs in order to tell where an exception was thrown, or where a process crashed.
/// `portfire/stack_traces.hpp` has the implementation; this header is for those who write their
/// own.
///
/// Threads: all members may be called from any thread at the same time. Errors: none is thrown;
/// what is not known is left out.

#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <vector>

namespace portfire {

/// A place in machine code, in a form that outlives the process.
struct CodeLocation {
  /// The file of the program or shared library; empty when the address belongs to none.
  std::string module = {};
  /// Where in it, as its symbol table counts; the address itself when there is no module.
  std::uint64_t offset = 0;
  /// By which the very file is known, in hexadecimal digits; empty when it has none.
  std::string build_id = {};

  friend bool operator==(const CodeLocation&, const CodeLocation&) = default;
};

/// Frames of a stack are texts for people, the innermost first.
class StackTracer {
 public:
  virtual ~StackTracer() = default;

  /// The calling thread runs a job from now on: what is thrown on it is noted. `bottom` is an
  /// address on its stack; the frames of the callers beyond it are of no interest.
  virtual void enter(const void* bottom) noexcept = 0;
  /// The calling thread's job has ended.
  virtual void leave() noexcept = 0;

  /// Where the exception was thrown first; empty when that was not noted.
  virtual std::vector<std::string> stack_of(const std::exception_ptr& error) = 0;

  /// Each location as a frame, with what is known of it: the function, file and line; several
  /// frames where functions were inlined.
  virtual std::vector<std::string> describe(std::span<const CodeLocation> locations) = 0;
};

}  // namespace portfire
