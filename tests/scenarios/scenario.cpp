#include "scenarios/scenario.hpp"

#include <chrono>
#include <stdexcept>

namespace portfire::scenarios {

namespace {
constexpr std::chrono::minutes longest_wait{1};
}  // namespace

// Within the lock: who has waited may take the gate away as soon as it is open.
void Gate::open() {
  const std::lock_guard lock{mutex_};
  open_ = true;
  changed_.notify_all();
}

bool Gate::wait() { return wait(std::stop_token{}); }

bool Gate::wait(std::stop_token stop) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, std::move(stop), longest_wait, [this] { return open_; });
}

LogSink Log::sink() {
  return [this](LogLevel, std::string_view line) {
    const std::lock_guard lock{mutex_};
    lines_.emplace_back(line);
  };
}

std::vector<std::string> Log::lines_with(const std::string& text) const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> found;
  for (const std::string& line : lines_) {
    if (line.find(text) != std::string::npos) found.push_back(line);
  }
  return found;
}

void Notes::add(std::string note) {
  const std::lock_guard lock{mutex_};
  notes_.push_back(std::move(note));
}

std::vector<std::string> Notes::all() const {
  const std::lock_guard lock{mutex_};
  return notes_;
}

Scenario::Scenario()
    : faulty_{std::make_shared<testing::FaultyStorage>(GetParam().open(offset_))},
      storage_{std::make_shared<WatchedStorage>(faulty_)},
      client_{storage_, {.log = log_.sink()}} {}

Scenario::~Scenario() = default;

ServerOptions Scenario::quick() {
  return {.workers = 4,
          .stop_timeout = 0s,
          .shutdown_timeout = 30s,
          .poll_interval = 10ms,
          .log = log_.sink()};
}

Server& Scenario::start(const Handlers& handlers, ServerOptions options) {
  servers_.push_back(std::make_unique<Server>(storage_, handlers, std::move(options)));
  servers_.back()->start();
  return *servers_.back();
}

std::string Scenario::rest(JobId job) {
  const Waited waited = client_.wait(job, longest_wait);
  if (!waited.job) return "(no such job)";
  return waited.ended ? waited.job->state : "(still " + waited.job->state + ")";
}

bool Scenario::until_state(JobId job, const std::string& state) {
  return until([&] {
    const auto found = client_.find(job);
    return found && found->state == state;
  });
}

JobDetails Scenario::details(JobId job) {
  auto found = client_.find(job);
  if (!found) throw std::runtime_error{"there is no job " + to_string(job)};
  return *std::move(found);
}

std::vector<std::string> Scenario::history(JobId job) {
  std::vector<std::string> names;
  for (const HistoryEntry& entry : details(job).history) {
    names.push_back(entry.elected_away ? "[" + entry.state + "]" : entry.state);
  }
  return names;
}

}  // namespace portfire::scenarios
