#include "handlers.hpp"

#include <system_error>

#include "clean_up.hpp"
#include "copy.hpp"
#include "manifest.hpp"
#include "path_text.hpp"

namespace archive {

using portfire::Context;
using portfire::Outcome;

namespace {

Outcome archive_one(const Places& places, Meter& meter, const File& file, Context& context) {
  try {
    AtomicFile copy{places.partial() / partial_name(context.job_id(), context.epoch())};
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
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::filename_too_long) throw;
    return portfire::cancel("its name is too long to append `.zst`");
  }
}

}  // namespace

portfire::Handlers make_handlers(portfire::Client& client, const Places& places, Meter& meter,
                                 std::shared_future<std::string> fingerprint) {
  portfire::Handlers handlers;
  handlers.on(archive_file, [&places, &meter](const File& file, Context& context) {
    return archive_one(places, meter, file, context);
  });
  handlers.on(clean_up, [&client, &places] { return remove_abandoned(client, places); });
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

}  // namespace archive
