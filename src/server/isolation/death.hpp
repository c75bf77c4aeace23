#pragma once

// What is told of a child process that has ended before its job.

#include <string>
#include <vector>

#include <portfire/isolation.hpp>

#include "server/error_record.hpp"

namespace portfire::server::isolation {

// One sentence about how it ended: `its process was ended by SIGSEGV (Segmentation fault)`.
// `because` says why the server has killed it, if it has: `it sent nonsense`.
std::string describe(const ProcessDied::Facts& facts, const std::string& because);

// As the history keeps it: type, message, stack if there is one, and the facts under `process`.
ErrorRecord record_of(const std::string& message, const ProcessDied::Facts& facts,
                      const std::vector<std::string>& stack);

}  // namespace portfire::server::isolation
