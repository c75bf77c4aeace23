#include "support/serving.hpp"

#include <stdlib.h>

#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace portfire::faults {

void Voice::say(const std::string& words) const {
  const std::string line = words + "\n";
  if (::write(descriptor_, line.data(), line.size()) < 0) std::quick_exit(3);
}

void serve(std::shared_ptr<Storage> storage, const std::string& role, const Voice& voice,
           int listening) {
  using namespace std::chrono_literals;
  const bool holds = role.starts_with("hold");
  // Another place for the marks of life: nobody finds that of another process.
  if (role.ends_with("alone")) ::setenv("TMPDIR", "/nowhere", 1);
  Handlers handlers;
  handlers.on(served_work, [&](int number, std::stop_token stop) {
    voice.say(std::to_string(number));
    if (!holds) return;
    const std::stop_callback told{stop, [&] { voice.say("told to stop"); }};
    char letter = 0;
    if (::read(listening, &letter, 1) != 1) std::quick_exit(3);
  });
  ServerOptions options{.workers = holds ? 1 : 4, .lease = serving_lease, .poll_interval = 100ms};
  if (holds) options.prefetch = 0;
  options.log = [&](LogLevel, std::string_view line) {
    const bool begins = line.starts_with("server ") && line.find("workers=") != line.npos;
    if (begins) voice.say("serving");
  };
  Server server{std::move(storage), handlers, options};
  server.run();
}

std::unique_ptr<Child> start_serving(const std::string& role,
                                     const std::vector<std::string>& address) {
  std::vector<std::string> arguments{role};
  arguments.insert(arguments.end(), address.begin(), address.end());
  auto child = std::make_unique<Child>(std::move(arguments));
  const std::string said = child->hear_line();
  if (said != "serving") throw std::runtime_error{"a child does not serve but says '" + said + "'"};
  return child;
}

}  // namespace portfire::faults
