#pragma once

// A crash record in words for people.

#include <string>
#include <vector>

#include <portfire/stack_tracer.hpp>

#include "crash/record.hpp"

namespace portfire::server {

// `SIGSEGV at address 0x10`, `SIGABRT, sent by process 4711`.
std::string what_happened(const crash::Record& record);

// ` at address 0x10`; empty when the record has none.
std::string address_text(const crash::Record& record);

// The frames, within the bounds of a failure; without a tracer as modules and offsets.
std::vector<std::string> stack_text(const crash::Record& record, StackTracer* tracer);

}  // namespace portfire::server
