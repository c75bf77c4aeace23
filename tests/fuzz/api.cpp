// The API: a byte for the endpoint; the rest is the query where it reads, and the body where it
// changes.

#include <array>
#include <string>
#include <string_view>

#include "fuzz/fuzz.hpp"
#include "fuzz/requests.hpp"

namespace portfire::fuzz {
namespace {

constexpr std::array<std::string_view, 12> reading{
    "jobs",     "failures", "audit",     "history",       "queues",          "recurring",
    "overview", "bulk",     "jobs/{id}", "jobs/{id}/log", "jobs/{id}/graph", "recurring/nightly"};
constexpr std::array<std::string_view, 13> changing{
    "jobs/{id}/requeue",         "jobs/{id}/delete",
    "jobs/{id}/reschedule",      "jobs/{id}/move",
    "jobs/{id}/run_again",       "bulk",
    "queues/default/pause",      "queues/default/resume",
    "recurring/nightly/trigger", "recurring/nightly/pause",
    "recurring/nightly/resume",  "recurring/nightly/remove",
    "recurring/nightly/schedule"};

std::string path_of(std::string_view pattern, const std::string& job) {
  std::string path{pattern};
  const auto at = path.find("{id}");
  if (at != std::string::npos) path.replace(at, 4, job);
  return "/api/v1/" + path;
}

}  // namespace
}  // namespace portfire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace portfire::fuzz;
  Input input{bytes, size};
  Place place;
  const std::size_t choice = input.byte() % (reading.size() + changing.size());
  if (choice < reading.size()) {
    const std::string path = path_of(reading.at(choice), place.job());
    static_cast<void>(place.ask(place.request("GET", path + '?' + input.rest())));
  } else {
    const std::string path = path_of(changing.at(choice - reading.size()), place.job());
    static_cast<void>(place.ask(place.request("POST", path, input.rest())));
  }
  return 0;
}
