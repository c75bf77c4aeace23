// The README's program, as a project outside this repository would write it.

#include <cstdio>
#include <memory>
#include <string>

#include <portfire/portfire.hpp>
#ifdef WITH_SQLITE
#include <portfire/sqlite.hpp>
#else
#include <portfire/memory.hpp>
#endif

void greet(std::string name, int times) {
  for (int i = 0; i < times; ++i) std::printf("hello, %s\n", name.c_str());
}

std::shared_ptr<portfire::Storage> open_storage() {
#ifdef WITH_SQLITE
  return portfire::sqlite::open("jobs.db");
#else
  return portfire::memory::open();
#endif
}

int main() {
  const auto storage = open_storage();
  portfire::Client client{storage};
  const portfire::JobId id = client.enqueue<&greet>("ann", 2);

  portfire::Handlers handlers;
  handlers.add<&greet>();
  portfire::Server server{storage, handlers, {.workers = 1}};
  server.start();
  const bool ended = client.wait(id, std::chrono::minutes{1}).ended;
  server.stop();
  return ended ? 0 : 1;
}
