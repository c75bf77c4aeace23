// How do I run a function in the background?

#include <iostream>

#include <portfire/portfire.hpp>
#include <portfire/sqlite.hpp>

void greet(std::string name) { std::cout << "Hello, " << name << "!" << std::endl; }

int main() {
  auto storage = portfire::sqlite::open("hello.db");

  portfire::Client client{storage};
  const portfire::JobId id = client.enqueue<&greet>("world");

  portfire::Handlers handlers;
  handlers.add<&greet>();
  portfire::Server server{storage, handlers};
  server.start();
  client.wait(id, std::chrono::seconds{10});
}

// Prints:
//   Hello, world!
