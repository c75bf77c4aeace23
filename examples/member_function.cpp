// How do jobs get at my objects: connections, settings, services?

#include <iostream>
#include <memory>

#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>

using namespace std::chrono_literals;

struct Settings {
  std::string sender;
};

class Mailer {
 public:
  explicit Mailer(const Settings& settings) : settings_{settings} {}

  std::string send(std::string to, std::string text) const {
    return "from " + settings_.sender + " to " + to + ": " + text;
  }

 private:
  const Settings& settings_;
};

// Only the call is stored, never the object. Members are named like functions.
template <>
inline constexpr portfire::JobOptions portfire::job_options<&Mailer::send>{.name = "mail.send"};

// A job that is declared by itself: a client needs nothing else, and its handler is any callable.
inline constexpr portfire::Job<std::string(std::string)> sign{"mail.sign"};

int main() {
  const Settings settings{.sender = "shop@example.com"};
  portfire::Handlers handlers;
  // The factory gives the instance: a value, a reference or a pointer, anew for every execution.
  handlers.add<&Mailer::send>([&] { return std::make_unique<Mailer>(settings); });
  handlers.on(sign, [&](std::string text) { return text + " -- " + settings.sender; });

  const auto storage = portfire::memory::open();
  portfire::Server server{storage, handlers};
  server.start();

  portfire::Client client{storage};
  const auto sent = client.enqueue<&Mailer::send>("ann@example.com", "Welcome!");
  const auto signed_text = client.enqueue(sign, "Yours");
  client.wait(sent, 10s);
  client.wait(signed_text, 10s);
  std::cout << client.result<std::string>(sent).value() << "\n"
            << client.result<std::string>(signed_text).value() << "\n";
}

// Prints:
//   from shop@example.com to ann@example.com: Welcome!
//   Yours -- shop@example.com
