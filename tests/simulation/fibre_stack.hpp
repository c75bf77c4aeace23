#pragma once

#include <boost/context/stack_context.hpp>

namespace portfire::simulation {

// Stacks for fibres, each with a page below it that nobody may touch. Kept for the next fibre,
// since asking the kernel for one takes longer than most fibres live. Threads: each has its own.
class FibreStacks {
 public:
  boost::context::stack_context allocate();
  void deallocate(boost::context::stack_context& stack);
};

}  // namespace portfire::simulation
