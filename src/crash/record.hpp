#pragma once

// What a process leaves behind when a signal ends it: lines of text, which people can read too.
//
//   portfire crash 1
//   signal 11                            and if another process sent it: sender 4711
//   code 1
//   address 0x10                         if the instruction at fault has one
//   process 815
//   time 1732676094
//   running <server> <job> <epoch> crashed <name>        on the thread that crashed
//   running <server> <job> <epoch> beside <name>         on the others
//   running <server> <job> <epoch> apart <name>          in a process of its own
//   elsewhere                            if a job of another server of the process crashed
//   listed                               everything that was running stands above
//   frame <offset> <build id or -> <module>              of the thread that crashed, innermost
//   first end
//
// A record that ends before `listed` says nothing for certain. The frames may end anywhere, for the
// stack may be what has been destroyed.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/stack_tracer.hpp>
#include <portfire/storage/job_store.hpp>

namespace portfire::crash {

// What an execution had to do with the crash.
enum class Part : std::uint8_t { crashed, beside, apart };
inline constexpr std::array<std::string_view, 3> part_words = {"crashed", "beside", "apart"};

struct RecordedExecution {
  ServerId server;
  JobId job;
  std::uint64_t epoch = 0;
  std::string name;
  Part part = Part::beside;
};

struct Record {
  int signal = 0;
  int code = 0;
  std::optional<std::uint64_t> address;  // that could not be reached, or of the instruction
  std::optional<std::int64_t> sender;    // another process that has sent the signal
  std::int64_t process = 0;
  std::int64_t time = 0;  // seconds since 1970
  std::vector<RecordedExecution> running;
  bool elsewhere = false;  // a job of another server was on the thread that crashed
  std::vector<CodeLocation> stack;
};

// Nothing for a text that is no record, or one that breaks off before it says anything for certain.
std::optional<Record> read_record(std::string_view text);

// The same for a file that is open.
std::optional<Record> read_record(int descriptor);

}  // namespace portfire::crash
