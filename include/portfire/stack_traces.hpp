#pragma once

/// Stacks of exceptions: where a handler's exception was thrown, with functions, files and lines,
/// in the job's history. Component `stack_traces`; Linux, GCC or Clang with libstdc++.
///
///     portfire::Server server{storage, handlers, {.stack_tracer = portfire::stack_traces()}};
///
/// A program that links this component has its exceptions pass a hook, which looks at one variable
/// of the thread and goes on to the C++ library; only on threads that run a job of a server with
/// this tracer does it note the stack, some microseconds each. Names are looked up when a failure
/// is stored. Lines need debug information (`-g`), in the program or apart from it, and names of
/// functions a symbol table; what has neither is shown as module and offset.
///
/// The C++ library must be shared, as it is by default. A program that contains it
/// (`-static-libstdc++`) links the component `stack_traces_static` instead.

#include <memory>

#include <portfire/stack_tracer.hpp>

namespace portfire {

/// One for all servers of the process is enough. Threads: any.
std::shared_ptr<StackTracer> stack_traces();

}  // namespace portfire
