#include <ostream>

#include <portfire/error.hpp>

#include "cli/command_line.hpp"

namespace portfire::cli {

namespace {

ExitCode migrate_storage(const Session& session) {
  const Drivers drivers = all_drivers();
  const StorageUrl url = parse_storage_url(session.url());
  const Driver& driver = driver_for(url, drivers);
  if (!driver.migrate) {
    throw UsageError{"storage URL \"" + url.text + "\": a " + url.scheme +
                     " storage has no schema to migrate"};
  }
  const SchemaChange change = driver.migrate(url);
  if (session.json) {
    session.print({{"storage", url.text},
                   {"from", change.from},
                   {"to", change.to},
                   {"changed", change.from != change.to}});
  } else if (change.from == change.to) {
    session.out() << url.text << " is up to date (schema version " << change.to << ").\n";
  } else if (change.from == 0) {
    session.out() << url.text << " was created (schema version " << change.to << ").\n";
  } else {
    session.out() << url.text << " was migrated from schema version " << change.from << " to "
                  << change.to << ".\n";
  }
  return ExitCode::ok;
}

}  // namespace

void add_migrate(CommandLine& line) {
  line.command(
      line.root(),
      {.name = "migrate",
       .description = "Create a storage, or bring its schema up to date",
       .examples = "  portfire migrate --storage sqlite:jobs.db",
       .notes = "The other commands never create or migrate anything. Programs that open the "
                "storage do so by\nthemselves unless they are told not to. Safe to run at any "
                "time, also twice."},
      migrate_storage);
}

}  // namespace portfire::cli
