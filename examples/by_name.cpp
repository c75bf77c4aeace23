// How does another program, which does not know my functions, enqueue a job?

#include <iostream>

#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>

using namespace std::chrono_literals;

int main() {
  const auto storage = portfire::memory::open();

  // A name and a JSON array are all that a job is; `portfire enqueue` of the command line does
  // this.
  portfire::Client client{storage};
  const auto resized = client.enqueue_raw("image.resize", R"(["cat.png", 640])");
  const auto wrong =
      client.with({.attempts = 0}).enqueue_raw("image.resize", R"(["cat.png", 6.5])");
  const auto unknown = client.enqueue_raw("image.rotate", R"(["cat.png"])");

  portfire::Handlers handlers;
  handlers.on("image.resize",
              [](std::string path, int width) { return path + " at " + std::to_string(width); });
  portfire::Server server{storage, handlers};
  server.start();
  client.wait(resized, 10s);
  client.wait(wrong, 10s);

  std::cout << client.result<std::string>(resized).value() << "\n"
            << client.find(wrong)->reason << "\n";
  // Nobody here can run it: it waits for a server that can.
  std::cout << client.find(unknown)->state << "\n";
}

// Prints:
//   cat.png at 640
//   argument 2 must be an integer from -2147483648 to 2147483647, but is 6.5
//   Enqueued
