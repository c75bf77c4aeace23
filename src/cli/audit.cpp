#include <memory>
#include <ostream>

#include "cli/command_line.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"
#include "views/overview_json.hpp"

namespace portfire::cli {

namespace {

struct AuditWords {
  std::string actor;
  std::string action;
  std::string target;
  std::uint64_t before = 0;
  std::size_t limit = 50;
};

void print_entries(const std::vector<AuditEntry>& entries, TimePoint now, std::ostream& out) {
  constexpr std::size_t width = 60;
  using enum Table::Align;
  Table table{
      {{"NUMBER", right}, {"AT"}, {"ACTOR"}, {"ACTION"}, {"TARGET"}, {"OUTCOME"}, {"REASON"}}};
  for (const AuditEntry& entry : entries) {
    table.add({std::to_string(entry.number), both(entry.at, now), one_line(entry.actor, width),
               one_line(entry.action, width), one_line(entry.target, width),
               one_line(entry.outcome, width), one_line(entry.reason, width)});
  }
  table.print(out);
}

ExitCode list_audit(const AuditWords& given, const Session& session) {
  const auto storage = session.open();
  const auto entries = storage->monitoring().audit({.before = given.before,
                                                    .limit = given.limit,
                                                    .actor = given.actor,
                                                    .action = given.action,
                                                    .target = given.target});
  if (session.json) {
    Json array = Json::array();
    for (const AuditEntry& entry : entries) array.push_back(views::audit_json(entry));
    session.print({{"entries", std::move(array)}});
  } else if (entries.empty()) {
    session.out() << "Nothing has been written down.\n";
  } else {
    print_entries(entries, storage->monitoring().now(), session.out());
  }
  return ExitCode::ok;
}

}  // namespace

void add_audit(CommandLine& line) {
  auto given = std::make_shared<AuditWords>();
  CLI::App& app =
      line.command(line.root(),
                   {.name = "audit",
                    .description = "List what people did by hand, the latest first",
                    .examples = "  portfire audit\n"
                                "  portfire audit --actor ann@example.com --limit 100\n"
                                "  portfire audit --json | jq '.entries[] | .action'",
                    .notes = "Dashboards write it; the commands of this program do not."},
                   [given](Session& session) { return list_audit(*given, session); });
  app.add_option("--actor", given->actor, "Only of this one")->type_name("TEXT");
  app.add_option("--action", given->action, "Only of this kind")->type_name("TEXT");
  app.add_option("--target", given->target, "Only done to this one")->type_name("TEXT");
  app.add_option("--before", given->before, "Only with a lower number, to go on with a list")
      ->type_name("NUMBER");
  add_number(app, "--limit", given->limit, 1, 1000, "At most so many, 1 to 1000 (50)");
}

}  // namespace portfire::cli
