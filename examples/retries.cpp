// What happens when a job throws, and how do I choose?

#include <iostream>
#include <stdexcept>

#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>

using namespace std::chrono_literals;

// Fails twice, then works.
void fetch(std::string url, portfire::Context& context) {
  std::cout << "attempt " << context.attempt() << " at " << url << "\n";
  if (context.attempt() < 3) throw std::runtime_error{"no answer"};
}

// Nothing that trying again would cure.
void parse(std::string text) { throw std::invalid_argument{"not a number: " + text}; }

// Options of one kind of job stand next to its declaration: at most 1 + 5 runs.
template <>
inline constexpr portfire::JobOptions portfire::job_options<&fetch>{.attempts = 5};

int main() {
  const auto storage = portfire::memory::open();
  portfire::Handlers handlers;
  handlers.add<&fetch>().add<&parse>();

  // Without this: 10 retries, after about 15 seconds, then ever later, up to hours.
  portfire::Server server{storage,
                          handlers,
                          {.retry = {.delays = {10ms, 50ms, 1s},
                                     .except_on = {portfire::exception_is<std::logic_error>()}}}};
  server.start();

  portfire::Client client{storage};
  const auto fetched = client.enqueue<&fetch>("example.com");
  client.wait(fetched, 10s);
  const auto parsed = client.enqueue<&parse>("seven");
  client.wait(parsed, 10s);

  const auto history = client.find(fetched)->history;
  for (const auto& step : history) {
    if (step.state == "Scheduled") std::cout << step.reason << "\n";
  }
  const auto job = client.find(parsed);
  std::cout << job->state << ": " << job->reason << "\n";  // stays until somebody acts
}

// Prints:
//   attempt 1 at example.com
//   attempt 2 at example.com
//   attempt 3 at example.com
//   Retry 1 of 5: no answer
//   Retry 2 of 5: no answer
//   Failed: not a number: seven
