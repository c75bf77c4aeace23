#include "simulation/journal.hpp"

namespace portfire::simulation {

void Journal::violation(std::string what) {
  note("INVARIANT", [&] { return what; });
  if (violation_.empty()) violation_ = std::move(what);
}

void Journal::write(const std::string& who, const std::string& line) {
  const auto since = scheduler_.now().time_since_epoch() - std::chrono::hours{1};
  const double seconds = std::chrono::duration<double>(since).count();
  std::fprintf(output_, "%12.6f  %-9s %s\n", seconds, who.c_str(), line.c_str());
}

}  // namespace portfire::simulation
