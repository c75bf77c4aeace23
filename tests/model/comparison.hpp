#pragma once

// Random operations on a storage and on memory storage, which is the model: all answers and all
// that can be seen must be equal.
//
// A failure prints its seed. PORTFIRE_MODEL_SEED=n runs that seed alone, PORTFIRE_MODEL_STEPS=n
// changes how many operations each seed makes.

#include <functional>
#include <memory>

#include <portfire/storage/storage.hpp>
#include <portfire/testing/virtual_clock.hpp>

namespace portfire::model_test {

// One place for the data of a storage, at first empty; it goes with the object.
struct Subject {
  // Called again after the former storage was closed.
  std::function<std::shared_ptr<Storage>()> open;
  // Lets the storage's time follow the clock, where it does not look at it by itself.
  std::function<void()> catch_up = [] {};
};
using MakeSubject = std::function<Subject(const std::shared_ptr<testing::VirtualClock>&)>;

// Fails the present test at the first difference.
void compare_with_memory(const MakeSubject& make_subject, std::uint64_t seeds);

}  // namespace portfire::model_test
