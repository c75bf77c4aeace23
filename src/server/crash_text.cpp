#include "server/crash_text.hpp"

#include <algorithm>
#include <iterator>

#include "crash/names.hpp"
#include "server/error_record.hpp"

namespace portfire::server {

std::string address_text(const crash::Record& record) {
  if (!record.address) return {};
  return " at address " + crash::plain_frame({.offset = *record.address});
}

std::string what_happened(const crash::Record& record) {
  const std::string signal = crash::signal_name(record.signal);
  if (record.sender) {
    return signal + ", sent by " +
           (*record.sender == 0 ? "another process" : "process " + std::to_string(*record.sender));
  }
  return signal + address_text(record);
}

std::vector<std::string> stack_text(const crash::Record& record, StackTracer* tracer) {
  std::vector<std::string> stack;
  if (tracer != nullptr) {
    stack = tracer->describe(record.stack);
  } else {
    std::ranges::transform(record.stack, std::back_inserter(stack), &crash::plain_frame);
  }
  std::size_t bytes = most_stack_bytes;
  return bounded_stack(stack, bytes);
}

}  // namespace portfire::server
