#pragma once

#include <string>

#include <portfire/error.hpp>

namespace portfire {

// What is wrong, as text, with "for later" before what may be tried again.
template <class Body>
std::string complaint(Body body) {
  try {
    body();
  } catch (const StorageError& error) {
    return (error.retryable() ? "for later: " : "for good: ") + std::string{error.what()};
  }
  return "no complaint";
}

}  // namespace portfire
