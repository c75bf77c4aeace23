// How do I write a program that only runs jobs?
//
// Start it twice, in two terminals: both share the queue. Give it something to do with
//   portfire enqueue --storage sqlite:jobs.db send_email '["ann@example.com", 7]'

#include <portfire/portfire.hpp>
#include <portfire/sqlite.hpp>

#include "tasks.hpp"

int main() {
  portfire::Handlers handlers;
  handlers.add<&resize_image>();
  handlers.add<&send_email>();
  portfire::Server server{portfire::sqlite::open("jobs.db"), handlers, {.workers = 20}};
  server.run();  // until SIGINT or SIGTERM
}
