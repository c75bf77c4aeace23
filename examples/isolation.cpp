// How do I keep a job that crashes from taking the whole process with it?

#include <cstdlib>
#include <iostream>

#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>

using namespace std::chrono_literals;

// With whatever a library does to files that others have made.
int decode(std::string file) {
  if (file == "broken.jpg") std::abort();
  return static_cast<int>(file.size());
}

void decode_for_ever() {
  for (volatile bool again = true; again;) {
  }
}

template <>
inline constexpr portfire::JobOptions portfire::job_options<&decode>{
    .name = "image.decode", .attempts = 0, .isolation = portfire::Isolation::process};

int main(int argc, char** argv) {
  portfire::Handlers handlers;
  handlers.add<&decode>().add<&decode_for_ever>();
  // First of all: the server starts this program again, for the jobs of other processes.
  if (const auto end = portfire::serve_isolated(argc, argv, handlers)) return *end;

  const auto storage = portfire::memory::open();
  portfire::Client client{storage};
  portfire::Server server{
      storage,
      handlers,
      {.workers = 2, .isolation = portfire::Isolation::process, .children = {.kill_after = 100ms}}};
  server.start();

  const auto broken = client.enqueue<&decode>("broken.jpg");
  const auto fine = client.enqueue<&decode>("fine.jpg");
  const auto endless = client.with({.attempts = 0, .timeout = 20ms}).enqueue<&decode_for_ever>();
  for (const portfire::JobId id : {broken, fine, endless}) {
    const auto job = client.wait(id, 30s).job.value();
    const auto died = nlohmann::json::parse(job.data.empty() ? "{}" : job.data)["process"];
    std::cout << job.name << ": " << job.state;
    if (!died.is_null()) std::cout << ", by " << died["signal"].get<std::string>();
    std::cout << "\n";
  }
  std::cout << "decoded: " << client.result<int>(fine).value() << "\n";
}

// Prints:
//   image.decode: Failed, by SIGABRT
//   image.decode: Succeeded
//   decode_for_ever: Failed, by SIGKILL
//   decoded: 8
