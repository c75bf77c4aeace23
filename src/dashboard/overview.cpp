#include "dashboard/overview.hpp"

#include <algorithm>
#include <map>

#include "dashboard/job_json.hpp"

namespace portfire::dashboard {

namespace {

constexpr std::chrono::seconds oldest_snapshot{1};
constexpr std::chrono::seconds oldest_slow_counts{10};
constexpr std::size_t most_counted = 1000;
constexpr std::int64_t too_many = -1;

// The kind of a state by its name. User-defined ones are met in lists; here their kind is not told.
StateKind kind_of(const std::string& state) {
  using namespace state_names;
  static const std::map<std::string_view, StateKind> kinds = {
      {enqueued, StateKind::ready},        {scheduled, StateKind::timed},
      {awaiting, StateKind::waiting},      {processing, StateKind::running},
      {succeeded, StateKind::final},       {failed, StateKind::parked},
      {deleted, StateKind::final},         {batch_started, StateKind::waiting},
      {batch_succeeded, StateKind::final}, {batch_completed, StateKind::final}};
  const auto found = kinds.find(state);
  return found == kinds.end() ? StateKind::parked : found->second;
}

Json counts_json(const Statistics& statistics) {
  std::map<std::string, std::uint64_t> by_state;
  for (const StateCount& count : statistics.live) by_state[count.state] += count.count;
  Json array = Json::array();
  for (const auto& [state, count] : by_state) {
    array.push_back({{"state", state}, {"kind", to_string(kind_of(state))}, {"count", count}});
  }
  return array;
}

// One that fails does not hide the others.
std::string value_of(const DashboardMetric& metric) {
  try {
    return metric.value();
  } catch (...) {  // NOLINT: it says so in the tile
    return "–";
  }
}

class OverviewStream final : public EventStream {
 public:
  explicit OverviewStream(std::shared_ptr<Overview> overview) : overview_{std::move(overview)} {}

  std::optional<std::string> next() override {
    constexpr int quiet_calls = 10;
    // Then the browser comes again, and is asked again who it is.
    constexpr int most_calls = 600;
    if (++calls_ > most_calls) return std::nullopt;
    const Overview::Snapshot snapshot = overview_->latest();
    if (snapshot.number == sent_) {
      quiet_ = (quiet_ + 1) % quiet_calls;
      return quiet_ == 0 ? std::string{": still here\n\n"} : std::string{};
    }
    sent_ = snapshot.number;
    return "id: " + std::to_string(sent_) + "\nevent: overview\ndata: " + *snapshot.json + "\n\n";
  }

 private:
  const std::shared_ptr<Overview> overview_;
  std::uint64_t sent_ = 0;
  int quiet_ = 0;
  int calls_ = 0;
};

}  // namespace

Json queue_json(const QueueSummary& queue) {
  return {{"name", queue.name},
          {"ready", queue.ready},
          {"running", queue.running},
          {"no_handler", queue.no_handler},
          {"oldest_ready", instant_json(queue.oldest_ready)},
          {"paused", queue.settings.paused},
          {"paused_by", queue.settings.paused_by},
          {"pause_reason", queue.settings.pause_reason}};
}

Overview::Overview(std::shared_ptr<Storage> storage, std::vector<DashboardMetric> metrics)
    : storage_{std::move(storage)}, metrics_{std::move(metrics)} {}

Overview::Snapshot Overview::latest() {
  const std::scoped_lock lock{mutex_};
  Runtime& runtime = *storage_->runtime();
  if (read_at_ && runtime.steady_now() < *read_at_ + oldest_snapshot) {
    // A storage that does not answer is left in peace as well.
    if (failure_) std::rethrow_exception(failure_);
    return snapshot_;
  }
  failure_ = nullptr;
  try {
    read();
  } catch (...) {
    failure_ = std::current_exception();
  }
  // From the end of the reading: a slow storage is left in peace for as long as a fast one.
  read_at_ = runtime.steady_now();
  if (failure_) std::rethrow_exception(failure_);
  return snapshot_;
}

void Overview::read() {
  Monitoring& monitoring = storage_->monitoring();
  auto reading = std::make_shared<Reading>(Reading{.now = monitoring.now(),
                                                   .statistics = monitoring.statistics(),
                                                   .queues = monitoring.queues(),
                                                   .servers = monitoring.servers()});
  const SteadyPoint now = storage_->runtime()->steady_now();
  if (!slow_ || now >= slow_->made_at + oldest_slow_counts) slow_ = count_slowly(now);
  auto text = std::make_shared<std::string>(
      to_json(*reading).dump(-1, ' ', false, Json::error_handler_t::replace));
  snapshot_ = {
      .number = snapshot_.number + 1, .reading = std::move(reading), .json = std::move(text)};
}

Overview::SlowCounts Overview::count_slowly(SteadyPoint now) {
  const JobPage retries = storage_->monitoring().list({.state = std::string{state_names::scheduled},
                                                       .attempts_at_least = 1,
                                                       .limit = most_counted,
                                                       .work_limit = most_counted});
  const auto definitions = storage_->coordination().list_recurring({.limit = most_counted});
  const auto counted = [](std::size_t count, bool all) {
    return all ? static_cast<std::int64_t>(count) : too_many;
  };
  return {.made_at = now,
          .retries = counted(retries.jobs.size(), retries.next.empty()),
          .recurring = counted(definitions.size(), definitions.size() < most_counted)};
}

Json Overview::to_json(const Reading& reading) {
  Json queues = Json::array();
  std::uint64_t running = 0;
  for (const QueueSummary& queue : reading.queues) {
    queues.push_back(queue_json(queue));
    running += queue.running;
  }
  std::uint64_t workers = 0;
  for (const ServerSummary& server : reading.servers) workers += server.info.workers;
  Json metrics = Json::array();
  for (const DashboardMetric& metric : metrics_) {
    metrics.push_back({{"name", metric.name},
                       {"title", metric.title},
                       {"value", value_of(metric)},
                       {"url", metric.url.empty() ? Json(nullptr) : Json(metric.url)}});
  }
  return {{"now", to_string(reading.now)},
          {"counts", counts_json(reading.statistics)},
          {"lifetime", reading.statistics.lifetime},
          {"retries", slow_->retries},
          {"recurring", slow_->recurring},
          {"queues", std::move(queues)},
          {"servers", reading.servers.size()},
          {"workers", workers},
          {"running", running},
          {"metrics", std::move(metrics)}};
}

std::shared_ptr<EventStream> Overview::stream(std::shared_ptr<Overview> overview) {
  return std::make_shared<OverviewStream>(std::move(overview));
}

}  // namespace portfire::dashboard
