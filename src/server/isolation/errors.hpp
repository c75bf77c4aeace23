#pragma once

// Exceptions that cross from one process to the other.

#include <exception>

#include "server/error_record.hpp"
#include "server/isolation/codec.hpp"

namespace portfire::server::isolation {

// With what the record of it is; see `record_error`.
void write_error(Writer writer, const std::exception_ptr& error, std::size_t limit,
                 StackTracer* tracer = nullptr);

// Of the type that it had if that is one of Portfire's, otherwise an `IsolatedError`; it carries
// the record, so that the history shows what was thrown there.
std::exception_ptr read_error(Reader& reader);

}  // namespace portfire::server::isolation
