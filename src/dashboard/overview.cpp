#include "dashboard/overview.hpp"

#include <algorithm>
#include <map>

#include "views/overview_json.hpp"

namespace portfire::dashboard {

namespace {

constexpr std::size_t most_counted = 1000;
constexpr std::int64_t too_many = -1;

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

Overview::Overview(std::shared_ptr<Storage> storage, std::vector<DashboardMetric> metrics)
    : storage_{std::move(storage)}, metrics_{std::move(metrics)} {}

Overview::Snapshot Overview::latest() {
  return snapshot_.get(*storage_->runtime(), [this] { return read(); });
}

Overview::Snapshot Overview::read() {
  Monitoring& monitoring = storage_->monitoring();
  auto reading = std::make_shared<Reading>(Reading{.now = monitoring.now(),
                                                   .statistics = monitoring.statistics(),
                                                   .queues = monitoring.queues(),
                                                   .servers = monitoring.servers()});
  const SlowCounts slow = slow_.get(*storage_->runtime(), [this] { return count_slowly(); });
  auto text = std::make_shared<std::string>(
      to_json(*reading, slow).dump(-1, ' ', false, Json::error_handler_t::replace));
  return {.number = ++last_number_, .reading = std::move(reading), .json = std::move(text)};
}

Overview::SlowCounts Overview::count_slowly() {
  const JobPage retries = storage_->monitoring().list({.state = std::string{state_names::scheduled},
                                                       .attempts_at_least = 1,
                                                       .limit = most_counted,
                                                       .work_limit = most_counted});
  const auto definitions = storage_->coordination().list_recurring({.limit = most_counted});
  const auto counted = [](std::size_t count, bool all) {
    return all ? static_cast<std::int64_t>(count) : too_many;
  };
  return {.retries = counted(retries.jobs.size(), retries.next.empty()),
          .recurring = counted(definitions.size(), definitions.size() < most_counted)};
}

// A state has its kind for good, so it is asked for once, of one of its jobs.
StateKind Overview::kind_of(const std::string& state) {
  const auto known = kinds_.find(state);
  if (known != kinds_.end()) return known->second;
  const JobPage page = storage_->monitoring().list({.state = state, .limit = 1});
  if (page.jobs.empty()) return StateKind::parked;  // gone meanwhile
  return kinds_.emplace(state, page.jobs.front().kind).first->second;
}

Json Overview::counts_json(const Statistics& statistics) {
  std::map<std::string, std::uint64_t> by_state;
  for (const StateCount& count : statistics.live) by_state[count.state] += count.count;
  Json array = Json::array();
  for (const auto& [state, count] : by_state) {
    array.push_back({{"state", state}, {"kind", to_string(kind_of(state))}, {"count", count}});
  }
  return array;
}

Json Overview::to_json(const Reading& reading, const SlowCounts& slow) {
  Json queues = Json::array();
  std::uint64_t running = 0;
  for (const QueueSummary& queue : reading.queues) {
    queues.push_back(views::queue_json(queue));
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
          {"retries", slow.retries},
          {"recurring", slow.recurring},
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
