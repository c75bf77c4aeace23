// A living dashboard for browsers to be tested against: jobs in every state, servers that work,
// strings that try to break out. Prints its address, and ends with its standard input.

#include <algorithm>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <string>

#include <portfire/dashboard.hpp>
#include <portfire/portfire.hpp>
#include <portfire/sqlite.hpp>
#include <portfire/workflow.hpp>

#include "support/temporary_directory.hpp"

namespace portfire::ui {
namespace {

using namespace std::chrono_literals;

constexpr Job<int(std::string, int)> send_mail{"mail.send", {.queue = "mail"}};
constexpr Job<void(int)> import_row{"import.row", {.attempts = 0}};
constexpr Job<void(int)> call_partner{"partner.call", {.attempts = 5}};
constexpr Job<void()> long_report{"report.build", {.queue = "reports"}};
constexpr Job<int(int)> measure{"graph.measure"};
constexpr Job<int(int, int)> add_up{"graph.add"};
constexpr Job<void(int)> limited{"limited.work", {.queue = "reports", .at_once = 1}};
constexpr Job<void()> tick{"clock.tick"};
constexpr Job<void(std::string)> nobody{"nobody.knows"};

// Until it is told to stop, or this long.
void rest(const Context& context, Duration span) {
  const auto runtime = thread_runtime();
  runtime->make_event()->wait_until(runtime->steady_now() + span, context.stop_token());
}

Handlers make_handlers() {
  Handlers handlers;
  handlers.on(send_mail, [](const std::string&, int number) { return number; });
  handlers.on(import_row, [](int row) {
    throw std::invalid_argument{"row " + std::to_string(row) + " has no column \"price\""};
  });
  handlers.on(call_partner, [](int order) {
    try {
      throw std::runtime_error{"connection refused by 10.0.0." + std::to_string(order)};
    } catch (...) {
      std::throw_with_nested(std::logic_error{"order " + std::to_string(order) + " was not sent"});
    }
  });
  handlers.on(long_report, [](Context& context) {
    for (int step = 1; !context.stop_token().stop_requested(); ++step) {
      context.log("step " + std::to_string(step) + " of many");
      context.progress(std::min(0.9, step / 50.0));
      rest(context, 200ms);
    }
  });
  handlers.on(limited, [](Context& context, int) { rest(context, 24h); });
  handlers.on(measure, [](int value) { return value; });
  handlers.on(add_up, [](int a, int b) { return a + b; });
  handlers.on(tick, [] {});
  return handlers;
}

void add_final_ones(Client& client) {
  for (int i = 0; i < 60; ++i) client.enqueue(send_mail, "ann@example.com", i);
  for (int i = 0; i < 25; ++i) client.enqueue(import_row, i);
  client.enqueue(call_partner, 7);
  client.enqueue(call_partner, 8);
  for (int i = 0; i < 3; ++i)
    client.delete_job(client.schedule(send_mail, 24h, "bob@example.com", i));
  for (int i = 0; i < 6; ++i) {
    const JobId checked = client.schedule(send_mail, 24h, "eve@example.com", i);
    client.change_state(checked,
                        {"NeedsReview", StateKind::parked, Ending::none, "The sum is high"});
  }
}

void add_waiting_ones(Client& client) {
  const JobId later = client.schedule(send_mail, 1h, "ann@example.com", 1);
  client.continue_with(send_mail, later, "ann@example.com", 2);
  client.continue_with(send_mail, on_failed(later), "support@example.com", 3);
  for (int i = 0; i < 30; ++i) {
    client.with({.queue = "bulk", .tags = {"newsletter"}}).enqueue(send_mail, "all@example.com", i);
  }
  client.pause_queue("bulk", "ann@example.com", "The relay is down");
  client.with({.queue = "mail"}).enqueue(nobody, "waits for a server that knows it");
  client.enqueue(long_report);
  client.enqueue(limited, 1);
  client.enqueue(limited, 2);
  const std::string evil = R"(<img src=x onerror="document.title='broken'"><script>1</script>)";
  client.with({.queue = "bulk", .tags = {evil}, .display_name = evil}).enqueue(nobody, evil);
  client.with({.queue = "bulk"}).enqueue(nobody, std::string(1'000'000, 'x'));
  client.with({.queue = "bulk"}).enqueue_raw("numbers", "[9007199254740993, 12345678901234567890]");
}

void add_groups(Client& client) {
  client.batch("Newsletter of November", [](Batch& batch) {
    for (int i = 0; i < 8; ++i) batch.enqueue(send_mail, "reader@example.com", i);
    batch.with({.queue = "bulk"}).enqueue(send_mail, "reader@example.com", 9);
  });
  client.workflow("Sum of measurements", [](Workflow& flow) {
    auto first = flow.step(measure, 1);
    auto second = flow.step(measure, 2);
    flow.step(add_up, first, second);
  });
}

void add_recurring(const std::shared_ptr<Storage>& storage) {
  RecurringJobs recurring{storage};
  recurring.add_or_update(tick, "clock", "@every_second", {});
  recurring.add_or_update(send_mail, "digest", "0 8 * * MON-FRI", {.zone = "Europe/Paris"},
                          "all@example.com", 1);
  recurring.add_or_update(tick, "clean-up", "0 3 * * *", {});
  recurring.add_or_update(long_report, "quarterly/report", "0 3 1 */3 *", {});
  recurring.pause("quarterly/report", {.by = "ann@example.com", .reason = "New layout"});
}

int serve() {
  const TemporaryDirectory directory;
  const auto storage = sqlite::open(directory.path() / "jobs.db");
  Client client{storage, {.log = silent_sink()}};
  add_final_ones(client);
  add_groups(client);
  add_waiting_ones(client);
  add_recurring(storage);
  const ServerOptions common{.stop_timeout = 0s, .shutdown_timeout = 1s, .log = silent_sink()};
  ServerOptions mail = common;
  mail.workers = 4;
  mail.queues = {"critical", "default", "mail", "bulk"};
  mail.name = "worker-1";
  ServerOptions reports = common;
  reports.workers = 2;
  reports.queues = {"reports"};
  reports.name = "worker-2";
  const Handlers handlers = make_handlers();
  Server first{storage, handlers, mail};
  Server second{storage, handlers, reports};
  first.start();
  second.start();
  Dashboard dashboard{storage,
                      {.title = "Portfire under test",
                       .app_url = "/elsewhere",
                       .path_prefix = "/ops/jobs",
                       .metrics = {{"disk", "Free disk", [] { return std::string{"12 GiB"}; }}},
                       .log = silent_sink()}};
  dashboard.listen("127.0.0.1", 0);
  std::cout << dashboard.url() << std::endl;
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
  dashboard.stop();
  first.stop();
  second.stop();
  return 0;
}

}  // namespace
}  // namespace portfire::ui

int main() { return portfire::ui::serve(); }
