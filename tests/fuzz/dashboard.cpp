// Requests as a whole: a line with method and target, a line for each header, an empty line, and
// the body.

#include <string>

#include "fuzz/fuzz.hpp"
#include "fuzz/requests.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace portfire;
  using namespace portfire::fuzz;
  Input input{bytes, size};
  Place place;
  const std::string first = input.line();
  const auto blank = first.find(' ');
  HttpRequest request = place.request(first.substr(0, blank),
                                      blank == std::string::npos ? "/" : first.substr(blank + 1));
  for (std::string line = input.line(); !line.empty(); line = input.line()) {
    const auto colon = line.find(':');
    const auto value = colon == std::string::npos ? std::string{} : line.substr(colon + 1);
    request.headers.emplace_back(line.substr(0, colon), value);
  }
  request.body = input.rest();
  const HttpResponse response = place.ask(request);
  if (response.events) static_cast<void>(response.events->next());
  return 0;
}
