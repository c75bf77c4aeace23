// archive DIR OUT: a compressed, checksummed copy of every file of a directory, made by background
// jobs. Kill it whenever you like, and run it again: it goes on where it was.

#include <cstdio>
#include <fstream>
#include <future>
#include <string>

#include <sys/file.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <portfire/portfire.hpp>
#include <portfire/sqlite.hpp>
#ifdef PORTFIRE_HAS_DASHBOARD
#include <portfire/dashboard.hpp>
#endif

#include "atomic_file.hpp"
#include "handlers.hpp"
#include "path_text.hpp"
#include "plan.hpp"
#include "progress.hpp"
#include "report.hpp"

namespace archive {
namespace {

struct Settings {
  std::filesystem::path source;
  std::filesystem::path archive;
  std::filesystem::path database;
  int workers = 0;
  int lease_seconds = 30;
  int dashboard_port = -1;  // none
};

portfire::ServerOptions server_options(const Settings& settings, Progress& progress) {
  return {.workers = settings.workers,
          .queues = {"default", std::string{clean_up.options.queue}},
          .lease = std::chrono::seconds{settings.lease_seconds},
          // For a full disk and the like. What still fails is reported, and tried by the next run.
          .retry = {.attempts = 3,
                    .delays = {std::chrono::seconds{1}, std::chrono::seconds{5}},
                    .on_exceeded = portfire::RetryOptions::OnExceeded::delete_job},
          // Whoever kills this program does not mean the files that it was at.
          .crash_limit = 0,
          .log = [&progress](portfire::LogLevel level, std::string_view line) {
            if (level >= portfire::LogLevel::warning) progress.note(line);
          }};
}

struct Unfinished {
  std::uint64_t moving = 0;   // will go on by themselves
  std::uint64_t waiting = 0;  // for others: the manifest
};

Unfinished count_unfinished(portfire::Storage& storage) {
  Unfinished unfinished;
  for (const auto& [queue, state, count] : storage.monitoring().statistics().live) {
    if (queue == clean_up.options.queue) continue;
    if (state == portfire::state_names::awaiting) unfinished.waiting += count;
    if (state == portfire::state_names::enqueued || state == portfire::state_names::scheduled ||
        state == portfire::state_names::processing) {
      unfinished.moving += count;
    }
  }
  return unfinished;
}

// Returns when nothing is left to do.
void watch(portfire::Storage& storage, const Plan& plan, Progress& progress) {
  const auto news = storage.wakeup().subscribe({portfire::topics::job(plan.manifest)});
  for (;;) {
    const auto [moving, waiting] = count_unfinished(storage);
    if (moving == 0) return;
    progress.show(plan.files - std::min(plan.files, moving + waiting - 1), plan.files);
    news->wait_until(storage.runtime()->steady_now() + std::chrono::milliseconds{100}, {});
  }
}

// Claims the archive for this process and this directory.
void take_possession(const Places& places, const Descriptor& archive) {
  if (flock(archive.get(), LOCK_EX | LOCK_NB) != 0) {
    // Perhaps one that has just been killed and is about to be gone.
    std::printf("waiting for another run to let go of %s\n", places.archive.c_str());
    std::fflush(stdout);
    if (flock(archive.get(), LOCK_EX) != 0) throw_errno("cannot lock", places.archive);
  }
  std::filesystem::create_directories(places.partial());
  const std::filesystem::path mark = places.archive / "directory.txt";
  const std::string ours = to_text(places.source) + "\n";
  if (!std::filesystem::exists(mark)) {
    AtomicFile file{places.partial() / "directory"};
    file.write(ours);
    file.publish(mark);
  } else if (std::string theirs;
             std::getline(std::ifstream{mark}, theirs) && theirs + "\n" != ours) {
    throw std::runtime_error{places.archive.string() + " is the archive of " + theirs +
                             "; choose another"};
  }
}

#ifdef PORTFIRE_HAS_DASHBOARD
// Everything about the archive's jobs in a browser, while they run and for as long as the user
// wants to look at them.
class Window {
 public:
  Window(const std::shared_ptr<portfire::Storage>& storage, int port)
      : dashboard_{storage, {.title = "Archive"}} {
    try {
      dashboard_.listen("127.0.0.1", static_cast<std::uint16_t>(port));
    } catch (const portfire::UsageError&) {
      dashboard_.listen("127.0.0.1", 0);  // somebody else has that port
    }
    std::printf("watch it at %s\n", dashboard_.url().c_str());
    std::fflush(stdout);
  }

  void stay_open() {
    if (isatty(STDIN_FILENO) == 0) return;
    std::printf("the dashboard stays at %s until Ctrl+C\n", dashboard_.url().c_str());
    std::fflush(stdout);
    for (;;) pause();
  }

 private:
  portfire::Dashboard dashboard_;
};
#endif

int run(const Settings& settings) {
  std::filesystem::create_directories(settings.archive);
  const Places places{.source = std::filesystem::canonical(settings.source),
                      .archive = std::filesystem::canonical(settings.archive)};
  const Descriptor archive{places.archive, O_RDONLY | O_DIRECTORY};
  take_possession(places, archive);

  Meter meter;
  Progress progress{meter};
  const auto storage = portfire::sqlite::open(
      settings.database.empty() ? places.archive / "archive.db" : settings.database);
#ifdef PORTFIRE_HAS_DASHBOARD
  std::optional<Window> window;
  if (settings.dashboard_port >= 0) window.emplace(storage, settings.dashboard_port);
#endif
  portfire::Client client{storage};
  std::promise<std::string> fingerprint;
  portfire::Server server{storage,
                          make_handlers(client, places, meter, fingerprint.get_future().share()),
                          server_options(settings, progress)};
  // What was due while no run was there is made up for at once.
  portfire::RecurringJobs{storage}.add_or_update(clean_up, "clean up",
                                                 portfire::every(std::chrono::seconds{30}),
                                                 {.overlap = portfire::Overlap::skip});
  // It works while the rest of the directory is still being listed.
  server.start();
  const Plan plan =
      make_plan(client, places, [&](std::uint64_t files) { progress.show_listing(files); });
  fingerprint.set_value(plan.fingerprint);
  watch(*storage, plan, progress);
  server.stop();
  progress.finish();
  // Nothing is being written any more.
  for (const auto& entry : std::filesystem::directory_iterator{places.partial()}) {
    std::filesystem::remove_all(entry.path());
  }

  const auto totals = client.result<Totals>(plan.manifest);
  if (!totals) {
    const auto manifest = client.find(plan.manifest);
    std::printf("the manifest was not written: %s\n", manifest ? manifest->reason.c_str() : "");
    return 1;
  }
  print_summary(places, plan, *totals, meter, progress.seconds());
#ifdef PORTFIRE_HAS_DASHBOARD
  if (window) window->stay_open();
#endif
  return totals->missing + plan.omissions.complaints.size() > 0 ? 1 : 0;
}

}  // namespace
}  // namespace archive

int main(int argc, char** argv) {
  archive::Settings settings;
  CLI::App app{
      "Copies every file of a directory into an archive, compressed and checksummed.\n"
      "May be killed at any moment and run again. Run again after it has finished,\n"
      "it archives what has changed. Exit code: 0 all is archived, 1 something is not."};
  app.add_option("DIR", settings.source, "the directory")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("OUT", settings.archive, "the archive; is created")->required();
  app.add_option("--workers", settings.workers, "files at a time; 0: five per processor")
      ->check(CLI::Range(0, 1000));
  app.add_option("--database", settings.database, "where the jobs are kept; OUT/archive.db");
  app.add_option("--lease", settings.lease_seconds,
                 "seconds without a sign of life after which a server on another machine counts\n"
                 "as dead; on this machine that is known at once")
      ->check(CLI::Range(1, 3600));
#ifdef PORTFIRE_HAS_DASHBOARD
  app.add_option("--dashboard", settings.dashboard_port,
                 "serve the dashboard on this port, or on another if that is taken; stays after\n"
                 "the end when started from a terminal")
      ->check(CLI::Range(0, 65535));
#endif
  CLI11_PARSE(app, argc, argv);
  try {
    return archive::run(settings);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "archive: %s\n", error.what());
    return 1;
  }
}
