// What can a running job know and do?

#include <future>
#include <iostream>
#include <syncstream>

#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>

using namespace std::chrono_literals;

// Two threads write: a line of one is not broken by the other.
std::osyncstream out() { return std::osyncstream{std::cout}; }

void clean_up(int rows) { out() << "cleaning up after " << rows << " rows\n"; }

int import_rows(int rows, portfire::Context& context, std::stop_token stop) {
  for (int row = 0; row < rows; ++row) {
    // Asked to end: the server stops, somebody deleted the job, its time is up, …
    if (stop.stop_requested())
      throw std::runtime_error{std::string{to_string(context.stop_reason())}};
    context.progress(static_cast<double>(row) / rows);
  }
  context.log("imported " + std::to_string(rows) + " rows");
  // Stored together with the outcome: both or neither.
  context.set_parameter("checksum", rows % 7);
  context.client().enqueue<&clean_up>(rows);
  return rows;
}

void wait_for_ever(portfire::Context& context) {
  std::promise<void> told;  // by a call, instead of asking again and again
  const std::stop_callback on_stop{context.stop_token(), [&] { told.set_value(); }};
  told.get_future().wait();
  out() << "stopped: " << to_string(context.stop_reason()) << "\n";
}

int main() {
  const auto storage = portfire::memory::open();
  portfire::Handlers handlers;
  handlers.add<&import_rows>().add<&clean_up>().add<&wait_for_ever>();
  portfire::Server server{storage, handlers, {.workers = 2}};
  server.start();

  portfire::Client client{storage};
  const auto import = client.enqueue<&import_rows>(100);
  client.wait(import, 10s);
  for (const auto& line : storage->monitoring().log(import, 0, 10)) out() << line.text << "\n";
  out() << "checksum " << client.parameter<int>(import, "checksum").value() << "\n";

  const auto endless = client.with({.attempts = 0, .timeout = 20ms}).enqueue<&wait_for_ever>();
  client.wait(endless, 10s);
}

// Prints, whatever its order:
//   imported 100 rows
//   checksum 2
//   cleaning up after 100 rows
//   stopped: timeout
