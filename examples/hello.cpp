// How do I run a function in the background?

#include <iostream>

#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>

using namespace std::chrono_literals;

void greet(std::string name) { std::cout << "Hello, " << name << "!\n"; }

int main() {
  const auto storage = portfire::memory::open();  // or portfire::sqlite::open("jobs.db")

  portfire::Handlers handlers;  // what this process can run
  handlers.add<&greet>();
  portfire::Server server{storage, handlers};
  server.start();

  portfire::Client client{storage};
  const portfire::JobId id = client.enqueue<&greet>("Ann");
  client.wait(id, 10s);
}

// Prints:
//   Hello, Ann!
