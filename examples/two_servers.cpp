// How do several servers, or processes, share the work of one SQLite file?

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include <portfire/portfire.hpp>
#include <portfire/sqlite.hpp>

using namespace std::chrono_literals;

// Each server serves queues of its own; `convert` waits in another queue than `notify`.
std::string convert(std::string file) { return file + ".png"; }
void notify(portfire::Context& context) {
  std::cout << "ready: " << context.parent_result<std::string>().value() << "\n";
}
template <>
inline constexpr portfire::JobOptions portfire::job_options<&convert>{.queue = "heavy"};

int main() {
  std::string folder = (std::filesystem::temp_directory_path() / "portfire-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 1;
  const auto file = std::filesystem::path{folder} / "jobs.db";

  portfire::Handlers handlers;
  handlers.add<&convert>().add<&notify>();
  {
    // Two storages on one file, as two processes would have: each server wakes the other.
    portfire::Server heavy{portfire::sqlite::open(file),
                           handlers,
                           {.workers = 2, .queues = {"heavy"}, .name = "heavy"}};
    portfire::Server light{portfire::sqlite::open(file),
                           handlers,
                           {.workers = 2, .queues = {"critical", "default"}, .name = "light"}};
    heavy.start();
    light.start();

    portfire::Client client{portfire::sqlite::open(file)};
    const auto converted = client.enqueue<&convert>("cat.svg");
    client.wait(client.continue_with<&notify>(converted), 10s);
    for (const auto& server : client.storage()->monitoring().servers()) {
      std::cout << server.info.name << " serves " << server.info.queues.front() << "\n";
    }
  }
  std::filesystem::remove_all(folder);
}

// Prints:
//   ready: cat.svg.png
//   heavy serves heavy
//   light serves critical
