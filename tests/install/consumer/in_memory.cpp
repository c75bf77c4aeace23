// The least that a user of the core writes: no component, no file.

#include <cstdio>

#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>

void greet(std::string name) { std::printf("Hello, %s!\n", name.c_str()); }

int main() {
  const auto storage = portfire::memory::open();
  portfire::Client client{storage};
  const portfire::JobId id = client.enqueue<&greet>("world");

  portfire::Handlers handlers;
  handlers.add<&greet>();
  portfire::Server server{storage, handlers, {.workers = 1}};
  server.start();
  return client.wait(id, std::chrono::minutes{1}).ended ? 0 : 1;
}
