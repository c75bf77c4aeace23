// The table in docs/reference/job_lifecycle.md, cell by cell, against what really happens.

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include <gtest/gtest.h>

#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>

#include "scenarios/scenario.hpp"

namespace portfire::scenarios::lifecycle_table_test {
namespace {

constexpr Job<void()> work{"work"};

struct Cell {
  std::string event;
  std::string state;
  std::string outcome;
};

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream{line.substr(1)};
  for (std::string cell; std::getline(stream, cell, '|');) {
    const auto first = cell.find_first_not_of(' ');
    const auto last = cell.find_last_not_of(' ');
    cells.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
  }
  return cells;
}

// The rows of the table below the heading.
std::vector<Cell> read_table() {
  std::ifstream page{PORTFIRE_LIFECYCLE_PAGE};
  std::vector<Cell> table;
  std::vector<std::string> states;
  bool below_heading = false;
  for (std::string line; std::getline(page, line);) {
    if (line == "## Every event in every state") below_heading = true;
    if (!below_heading || !line.starts_with('|') || line.starts_with("|---")) continue;
    const auto cells = cells_of(line);
    if (states.empty()) {
      states = cells;
      continue;
    }
    for (std::size_t i = 1; i < cells.size(); ++i) {
      table.push_back({cells[0], states.at(i), cells[i]});
    }
  }
  return table;
}

State target_state(const std::string& name) {
  if (name == "Enqueued") return states::enqueued();
  if (name == "Scheduled") return states::scheduled(1h);
  if (name == "Awaiting") return states::awaiting();
  if (name == "Succeeded") return states::succeeded();
  if (name == "Failed") return states::failed();
  if (name == "Deleted") return states::deleted();
  if (name == "OnHold") return {.name = name, .kind = StateKind::parked};
  return {.name = name, .kind = StateKind::final, .ending = Ending::other, .retention = 24h};
}

// One job with a past, so that every event has something to happen to.
class Life {
 public:
  explicit Life(std::string state) : state_{std::move(state)} {
    storage_->coordination().announce({.id = server_, .name = "first", .job_names = {"work"}});
    storage_->coordination().announce({.id = other_, .name = "second", .job_names = {"work"}});
  }

  std::string after(const std::string& event) {
    static const std::map<std::string, void (Life::*)()> events = {
        {"requeued by hand", &Life::requeue},
        {"rescheduled by hand", &Life::reschedule},
        {"deleted by hand", &Life::remove},
        {"moved by hand to OnHold", &Life::hold},
        {"a server claims", &Life::claim_again},
        {"its run succeeds", &Life::succeed},
        {"its run fails, a retry is left", &Life::fail},
        {"its run fails, no retry is left", &Life::fail_for_good},
        {"its run snoozes", &Life::run_snoozes},
        {"its run cancels", &Life::run_cancels},
        {"its server stops", &Life::give_back},
        {"its server has no handler", &Life::give_back_unknown},
        {"its server dies", &Life::die},
        {"its server dies once too often", &Life::die_often},
        {"it falls due", &Life::fall_due},
        {"its parent succeeds", &Life::parent_succeeds},
        {"its parent is deleted", &Life::parent_deleted},
        {"its retention passes", &Life::expire},
    };
    const auto found = events.find(event);
    if (found == events.end()) return "(the test does not know this event)";
    (this->*found->second)();
    const auto job = client_.find(job_);
    return job ? job->state : "gone";
  }

 private:
  // The job was held once; then it went where it is by hand.
  void bring() {
    job_ = client_.enqueue(work);
    held_ = claim(server_);
    settle();
  }
  void settle() {
    if (state_ != "Processing") client_.change_state(job_, target_state(state_));
  }
  Execution claim(ServerId server) {
    auto result = storage_->jobs().claim(
        {.server = server, .token = ++token_, .queues = {"default"}, .max = 1});
    return result.executions.at(0);
  }
  // A continuation that, unless it still waits, went where it is by hand.
  void bring_child() {
    parent_ = client_.enqueue(work);
    client_.change_state(parent_, target_state("OnHold"));
    job_ = client_.continue_with(work, parent_);
    if (state_ == "Awaiting") return;
    if (state_ == "Processing") client_.requeue(job_);
    if (state_ == "Processing") claim(server_);
    settle();
  }

  // On a real server, whose handler ends when the job has gone where it shall be.
  void run(const std::function<Outcome()>& ending, int attempts) {
    Gate began;
    Gate go_on;
    Handlers handlers;
    handlers.on(work, [&]() -> Outcome {
      began.open();
      EXPECT_TRUE(go_on.wait());
      return ending();
    });
    ServerOptions options{.workers = 1, .maintenance = false, .log = silent_sink()};
    options.stop_timeout = options.shutdown_timeout = 1min;
    options.retry = {.attempts = attempts, .delays = {1h}};
    job_ = client_.enqueue(work);
    Server server{storage_, handlers, options};
    server.start();
    ASSERT_TRUE(began.wait());
    client_.pause_queue("default");
    settle();
    go_on.open();
    server.stop();
  }

  void requeue() { bring(), client_.requeue(job_); }
  void reschedule() { bring(), client_.reschedule(job_, 1h); }
  void remove() { bring(), client_.delete_job(job_); }
  void hold() { bring(), client_.change_state(job_, target_state("OnHold")); }
  void claim_again() {
    bring();
    storage_->jobs().claim({.server = other_, .token = ++token_, .queues = {"default"}, .max = 9});
  }
  void succeed() {
    run([] { return done(); }, 0);
  }
  void fail() {
    run([]() -> Outcome { throw std::runtime_error{"no"}; }, 1);
  }
  void fail_for_good() {
    run([]() -> Outcome { throw std::runtime_error{"no"}; }, 0);
  }
  void run_snoozes() {
    run([] { return snooze(1h); }, 0);
  }
  void run_cancels() {
    run([] { return cancel("no"); }, 0);
  }
  void release(ReleaseReason reason) {
    bring();
    const Released released{held_.ref, reason};
    storage_->jobs().release({&released, 1});
  }
  void give_back() { release(ReleaseReason::shutdown); }
  void give_back_unknown() { release(ReleaseReason::no_handler); }
  void die() {
    bring();
    storage_->jobs().reclaim({.servers = {server_}, .by = other_});
  }
  void die_often() {
    // The third crash that is blamed on the job; the first of all blames nobody.
    job_ = client_.enqueue(work);
    for (std::uint64_t crash = 1; crash <= 3; ++crash) {
      const ServerId victim{7, crash};
      storage_->coordination().announce({.id = victim, .name = "v", .job_names = {"work"}});
      claim(victim);
      storage_->jobs().reclaim({.servers = {victim}, .by = other_});
    }
    held_ = claim(server_);
    settle();
    const auto result = storage_->jobs().reclaim({.servers = {server_}, .by = other_});
    for (const Execution& poison : result.poisoned) {
      Unit unit{.id = UnitId{9, ++token_}};
      unit.transitions.push_back(
          {.job = poison.ref.job, .epoch = poison.ref.epoch, .state = states::failed()});
      storage_->jobs().commit({&unit, 1});
    }
  }
  void fall_due() {
    bring();
    offset_->advance(2h);
    storage_->jobs().promote({});
  }
  void parent_succeeds() { bring_child(), client_.change_state(parent_, states::succeeded()); }
  void parent_deleted() { bring_child(), client_.delete_job(parent_); }
  void expire() {
    bring();
    offset_->advance(25h);
    storage_->jobs().expire(100);
  }

  const std::string state_;
  const std::shared_ptr<TimeOffset> offset_ = std::make_shared<TimeOffset>();
  const std::shared_ptr<Storage> storage_ = memory::open({.time_offset = offset_});
  Client client_{storage_, {.log = silent_sink()}};
  const ServerId server_{1, 1};
  const ServerId other_{2, 2};
  std::uint64_t token_ = 0;
  JobId job_;
  JobId parent_;
  Execution held_;
};

TEST(LifecycleTable, IsTrueInEveryCell) {
  const auto table = read_table();
  ASSERT_EQ(table.size(), 18U * 9U) << "the table on the page, or the test, is incomplete";
  for (const Cell& cell : table) {
    const std::string expected = cell.outcome == "·" ? cell.state : cell.outcome;
    EXPECT_EQ(Life{cell.state}.after(cell.event), expected)
        << "a job in " << cell.state << ", and " << cell.event;
  }
}

}  // namespace
}  // namespace portfire::scenarios::lifecycle_table_test
