#pragma once

// The storages on which every scenario is played.

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <portfire/storage/storage.hpp>

namespace portfire::scenarios {

struct Backend {
  std::string name;
  // Opens an empty storage; its data are gone with it.
  std::function<std::shared_ptr<Storage>(std::shared_ptr<const TimeOffset>)> open;

  friend void PrintTo(const Backend& backend, std::ostream* out) { *out << backend.name; }
};

std::vector<Backend> backends();

}  // namespace portfire::scenarios
