// How do I make sure that there is only one of a job?

#include <iostream>

#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>

using namespace std::chrono_literals;

void rebuild_index(std::string shop) { std::cout << "rebuilding " << shop << "\n"; }

int main() {
  const auto storage = portfire::memory::open();
  portfire::Client client{storage};

  // Who holds the key waits or runs; meanwhile nobody else gets it.
  const auto first = client.with({.unique = {"index:books"}}).enqueue<&rebuild_index>("books");
  const auto second = client.with({.unique = {"index:books"}}).enqueue<&rebuild_index>("books");
  std::cout << "second created: " << std::boolalpha << second.created()
            << ", held by the first: " << (second.holder == first.id) << "\n";

  // Content with the job there is.
  const auto third = client
                         .with({.unique = {.key = "index:books",
                                           .on_duplicate = portfire::OnDuplicate::use_existing}})
                         .enqueue<&rebuild_index>("books");
  std::cout << "third is the first: " << (third.id == first.id) << "\n";

  // At most once an hour, however long the job takes.
  const portfire::UniqueKey hourly{.key = "index:toys", .window = 1h};
  const auto toys = client.with({.unique = hourly}).enqueue<&rebuild_index>("toys");

  portfire::Server server{storage, portfire::Handlers{}.add<&rebuild_index>(), {.workers = 1}};
  server.start();
  client.wait(first, 10s);
  client.wait(toys, 10s);
  server.stop();

  const auto again = client.with({.unique = {"index:books"}}).enqueue<&rebuild_index>("books");
  std::cout << "books again: " << again.created() << "\n";
  const auto early = client.with({.unique = hourly}).enqueue<&rebuild_index>("toys");
  std::cout << "toys again: " << early.created() << "\n";
}

// Prints:
//   second created: false, held by the first: true
//   third is the first: true
//   rebuilding books
//   rebuilding toys
//   books again: true
//   toys again: false
