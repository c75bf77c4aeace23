// How do I run something after other jobs, with their results?

#include <iostream>

#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>

using namespace std::chrono_literals;

int square(int number) { return number * number; }

int add_up(portfire::Context& context) {
  int sum = 0;
  for (std::size_t i = 0; i < context.parents().size(); ++i) {
    sum += context.parent_result<int>(i).value_or(0);
  }
  return sum;
}

void report(portfire::Context& context) {
  std::cout << "3² + 4² = " << context.parent_result<int>().value() << "\n";
}

void apologise() { std::cout << "never printed\n"; }

int main() {
  const auto storage = portfire::memory::open();
  portfire::Client client{storage};

  const auto three = client.enqueue<&square>(3);
  const auto four = client.enqueue<&square>(4);
  const auto sum = client.continue_with<&add_up>({three, four});  // when both have succeeded
  const auto said = client.continue_with<&report>(sum);
  const auto sorry = client.continue_with<&apologise>(portfire::on_failed(sum));

  portfire::Handlers handlers;
  handlers.add<&square>().add<&add_up>().add<&report>().add<&apologise>();
  portfire::Server server{storage, handlers};
  server.start();
  client.wait(said, 10s);
  client.wait(sorry, 10s);  // it can no longer run, so it is let go

  std::cout << "result by id: " << client.result<int>(sum).value() << "\n";
  std::cout << "the apology: " << client.find(sorry)->state << "\n";
}

// Prints:
//   3² + 4² = 25
//   result by id: 25
//   the apology: Deleted
