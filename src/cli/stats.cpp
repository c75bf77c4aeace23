#include <map>
#include <ostream>
#include <set>

#include "cli/command_line.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

namespace portfire::cli {

namespace {

using Counts = std::map<std::string, std::uint64_t>;

struct Numbers {
  TimePoint now;
  Counts live;                             // state → jobs in it now
  std::map<std::string, Counts> by_queue;  // queue → state → jobs
  Counts lifetime;
  Counts last_day;
};

Numbers read(Storage& storage) {
  Monitoring& monitoring = storage.monitoring();
  const Statistics statistics = monitoring.statistics();
  Numbers numbers{.now = monitoring.now(), .lifetime = statistics.lifetime};
  for (const StateCount& count : statistics.live) {
    numbers.live[count.state] += count.count;
    numbers.by_queue[count.queue][count.state] += count.count;
  }
  const auto from = std::chrono::floor<std::chrono::hours>(numbers.now) - std::chrono::hours{23};
  for (const HourCount& hour : monitoring.history(from, numbers.now)) {
    numbers.last_day[hour.state] += hour.count;
  }
  return numbers;
}

// The states of a life in their order, then the user's own by name.
std::vector<std::string> states_in_order(const Numbers& numbers) {
  using namespace state_names;
  std::vector<std::string> order;
  for (const std::string_view name :
       {enqueued, scheduled, awaiting, processing, succeeded, failed, deleted}) {
    order.emplace_back(name);
  }
  const std::set<std::string> known{order.begin(), order.end()};
  std::set<std::string> others;
  for (const Counts* counts : {&numbers.live, &numbers.lifetime}) {
    for (const auto& [state, count] : *counts) {
      if (!known.contains(state) && state != "Created") others.insert(state);
    }
  }
  order.insert(order.end(), others.begin(), others.end());
  return order;
}

std::string shown(const Counts& counts, const std::string& state) {
  const auto found = counts.find(state);
  return found == counts.end() ? "" : counted(found->second);
}

void print_states(const Numbers& numbers, std::ostream& out) {
  using enum Table::Align;
  Table table{{{"STATE"}, {"NOW", right}, {"LAST 24 H", right}, {"EVER", right}}};
  for (const std::string& state : states_in_order(numbers)) {
    const auto live = shown(numbers.live, state);
    table.add({one_line(state, 40), live.empty() ? "0" : live, shown(numbers.last_day, state),
               shown(numbers.lifetime, state)});
  }
  table.add(
      {"Created", "", shown(numbers.last_day, "Created"), shown(numbers.lifetime, "Created")});
  table.print(out);
}

void print_queues(const Numbers& numbers, std::ostream& out) {
  if (numbers.by_queue.empty()) return;
  out << '\n';
  std::vector<std::string> states;
  for (const std::string& state : states_in_order(numbers)) {
    if (numbers.live.contains(state)) states.push_back(state);
  }
  std::vector<Table::Column> columns = {{"QUEUE"}};
  for (const std::string& state : states) {
    columns.push_back({one_line(state, 40), Table::Align::right});
  }
  Table table{columns};
  for (const auto& [queue, counts] : numbers.by_queue) {
    std::vector<std::string> row = {queue};
    for (const std::string& state : states) {
      const auto count = shown(counts, state);
      row.push_back(count.empty() ? "0" : count);
    }
    table.add(std::move(row));
  }
  table.print(out);
}

ExitCode show_statistics(const Session& session) {
  const auto storage = session.open();
  const Numbers numbers = read(*storage);
  if (session.json) {
    session.print({{"storage", storage->description()},
                   {"now", to_string(numbers.now)},
                   {"live", numbers.live},
                   {"queues", numbers.by_queue},
                   {"last_24_hours", numbers.last_day},
                   {"lifetime", numbers.lifetime}});
    return ExitCode::ok;
  }
  session.out() << storage->description() << " at " << absolute(numbers.now) << "\n\n";
  print_states(numbers, session.out());
  print_queues(numbers, session.out());
  return ExitCode::ok;
}

}  // namespace

void add_stats(CommandLine& line) {
  line.command(line.root(),
               {.name = "stats",
                .description = "Show how many jobs are in each state, per queue, today and ever",
                .examples = "  portfire stats\n"
                            "  portfire stats --json | jq '.live.Failed // 0'",
                .notes = "EVER and LAST 24 H count how often jobs ended in a state, and how many "
                         "were created."},
               show_statistics);
}

}  // namespace portfire::cli
