// The built-in server, by a socket: whatever bytes come, it answers or hangs up, and serves the
// next one.

#include <sys/socket.h>

#include <string>

#include "dashboard/server/http_server.hpp"
#include "fuzz/fuzz.hpp"
#include "support/raw_client.hpp"

namespace portfire::fuzz {
namespace {

using namespace portfire::dashboard;

HttpResponse answer(const HttpRequest& request) {
  expect(!request.method.empty() && !request.target.empty(), "a request asks for something");
  return {.headers = {{"Content-Type", "text/plain"}}, .body = request.body};
}

std::uint16_t port() {
  static const HttpServer server{{.port = 0, .threads = 1}, "", silent_sink(), answer};
  static const auto number =
      static_cast<std::uint16_t>(std::stoi(server.url().substr(server.url().rfind(':') + 1)));
  return number;
}

std::string answers_to(const std::string& bytes) {
  RawClient client{port()};
  client.say(bytes);
  client.fall_silent();
  return client.hear_all();
}

}  // namespace
}  // namespace portfire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace portfire::fuzz;
  const std::string answers = answers_to(Input{bytes, size}.rest());
  expect(answers.empty() || answers.starts_with("HTTP/1."), "an answer is one");
  const std::string next = answers_to("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  expect(next.starts_with("HTTP/1.1 200"), "the next one is served, but got \"" + next + '"');
  return 0;
}
