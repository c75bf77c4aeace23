// How do I run something later?

#include <iostream>

#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>

using namespace std::chrono_literals;

void remind(std::string what) { std::cout << "Remember: " << what << "\n"; }

int main() {
  const auto storage = portfire::memory::open();
  portfire::Client client{storage};

  // After a while, by the clock of the storage, which all servers share …
  const portfire::JobId soon = client.schedule<&remind>(50ms, "stretch");
  // … or at an instant.
  using std::chrono::sys_days, std::chrono::year;
  const portfire::JobId far = client.schedule<&remind>(sys_days{year{2099} / 12 / 31}, "fireworks");
  // Until then it can be put off, brought forward or called off.
  const portfire::JobId never = client.schedule<&remind>(24h, "dentist");
  client.delete_job(never, {.reason = "moved away"});

  portfire::Server server{storage, portfire::Handlers{}.add<&remind>()};
  server.start();
  client.wait(soon, 10s);

  for (const portfire::JobId id : {soon, far, never}) {
    const auto job = client.find(id);
    std::cout << job->state;
    if (job->due_at) std::cout << " until " << portfire::to_string(*job->due_at);
    if (!job->reason.empty()) std::cout << ": " << job->reason;
    std::cout << "\n";
  }
}

// Prints:
//   Remember: stretch
//   Succeeded
//   Scheduled until 2099-12-31T00:00:00.000000Z
//   Deleted: moved away
