// archive DIR OUT: a compressed, checksummed copy of every file of a directory, made by background
// jobs. Kill it whenever you like, and run it again: it goes on where it was.

#include <cstdio>
#include <fstream>
#include <future>
#include <string>

#include <sys/file.h>

#include <CLI/CLI.hpp>
#include <portfire/portfire.hpp>
#include <portfire/sqlite.hpp>

#include "copy.hpp"
#include "manifest.hpp"
#include "path_text.hpp"
#include "plan.hpp"
#include "progress.hpp"

namespace archive {
namespace {

using portfire::Context;
using portfire::Outcome;

struct Settings {
  std::filesystem::path source;
  std::filesystem::path archive;
  std::filesystem::path database;
  int workers = 0;
  int lease_seconds = 30;
};

// The job: one file.
Outcome archive_one(const Places& places, Meter& meter, const File& file, Context& context) {
  try {
    // No two executions, not even of the same job, ever write to the same temporary file.
    AtomicFile copy{places.partial() /
                    (to_string(context.job_id()) + "-" + std::to_string(context.epoch()))};
    std::uint64_t done = 0;
    const Archived archived =
        copy_file(places.source / from_text(file.path), copy, [&](std::uint64_t bytes) {
          if (context.stop_token().stop_requested()) throw std::runtime_error{"told to stop"};
          meter.bytes += bytes;
          done += bytes;
          context.progress(static_cast<double>(done) / static_cast<double>(file.size + 1));
        });
    copy.publish(places.copy_of(file));
    ++meter.files;
    return portfire::done(archived);
  } catch (const Unreadable& error) {
    return portfire::cancel(error.what());
  }
}

// What this process can run. `fingerprint` becomes known when all jobs have been created.
portfire::Handlers make_handlers(portfire::Client& client, const Places& places, Meter& meter,
                                 std::shared_future<std::string> fingerprint) {
  portfire::Handlers handlers;
  handlers.on(archive_file, [&places, &meter](const File& file, Context& context) {
    return archive_one(places, meter, file, context);
  });
  handlers.on(
      write_manifest,
      [&client, &places, fingerprint](const std::string& plan, Context& context) -> Outcome {
        using namespace std::chrono_literals;
        if (fingerprint.wait_for(0s) != std::future_status::ready) return portfire::snooze(100ms);
        if (plan != fingerprint.get()) return portfire::cancel("a later run found other files");
        const auto totals = write_lines(client, context.parents(), places);
        return totals ? portfire::done(*totals) : portfire::snooze(1s);
      });
  return handlers;
}

portfire::ServerOptions server_options(const Settings& settings, Progress& progress) {
  return {.workers = settings.workers,
          .lease = std::chrono::seconds{settings.lease_seconds},
          // What still fails after that is reported, and tried again by the next run.
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

void print_list(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::printf("  %s\n", line.c_str());
}

void print_summary(const Places& places, const Plan& plan, const Totals& totals, const Meter& meter,
                   double seconds) {
  std::printf("%s files, %s, compressed to %s\n", with_commas(totals.files).c_str(),
              as_size(static_cast<double>(totals.size)).c_str(),
              as_size(static_cast<double>(totals.compressed_size)).c_str());
  std::printf("%s of them archived by this run, in %s\n", with_commas(meter.files).c_str(),
              as_span(seconds).c_str());
  const Omissions& left_out = plan.omissions;
  if (left_out.links + left_out.specials + left_out.folders > 0) {
    std::printf("left out: %s links, %s pipes and devices, %s folders of builds or versions\n",
                with_commas(left_out.links).c_str(), with_commas(left_out.specials).c_str(),
                with_commas(left_out.folders).c_str());
  }
  std::printf("copies:   %s\nmanifest: %s\n", (places.archive / "files").c_str(),
              places.manifest().c_str());
  if (totals.missing + left_out.complaints.size() > 0) {
    std::printf("%s could not be archived:\n",
                with_commas(totals.missing + left_out.complaints.size()).c_str());
    print_list(left_out.complaints);
    print_list(totals.complaints);
  }
}

// Claims the archive for this process and this directory, and clears what a killed run left.
void take_possession(const Places& places, const Descriptor& archive) {
  if (flock(archive.get(), LOCK_EX | LOCK_NB) != 0) {
    throw std::runtime_error{places.archive.string() + " is in use by another run"};
  }
  std::filesystem::remove_all(places.partial());
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
  portfire::Client client{storage};
  std::promise<std::string> fingerprint;
  portfire::Server server{storage,
                          make_handlers(client, places, meter, fingerprint.get_future().share()),
                          server_options(settings, progress)};
  // It works while the rest of the directory is still being listed.
  server.start();
  const Plan plan =
      make_plan(client, places, [&](std::uint64_t files) { progress.show_listing(files); });
  fingerprint.set_value(plan.fingerprint);
  watch(*storage, plan, progress);
  server.stop();
  progress.finish();

  const auto totals = client.result<Totals>(plan.manifest);
  if (!totals) {
    const auto manifest = client.find(plan.manifest);
    std::printf("the manifest was not written: %s\n", manifest ? manifest->reason.c_str() : "");
    return 1;
  }
  print_summary(places, plan, *totals, meter, progress.seconds());
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
  CLI11_PARSE(app, argc, argv);
  try {
    return archive::run(settings);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "archive: %s\n", error.what());
    return 1;
  }
}
