#include "dashboard/metrics.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <vector>

namespace portfire::dashboard {

namespace {

constexpr std::size_t most_recent_jobs = 1000;

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\' || c == '"') result += '\\';
    if (c == '\n') {
      result += "\\n";
    } else {
      result += c;
    }
  }
  return result;
}

class Page {
 public:
  using Labels = std::vector<std::pair<const char*, std::string>>;

  void begin(const std::string& name, const char* type, const char* help) {
    name_ = name;
    text_ += "# HELP " + name + ' ' + help + "\n# TYPE " + name + ' ' + type + '\n';
  }
  void value(const Labels& labels, const std::string& number, const char* suffix = "") {
    text_ += name_ + suffix;
    for (std::size_t at = 0; at < labels.size(); ++at) {
      text_ += at == 0 ? '{' : ',';
      text_ += std::string{labels[at].first} + "=\"" + escaped(labels[at].second) + '"';
    }
    text_ += (labels.empty() ? " " : "} ") + number + '\n';
  }

  std::string text() { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

// Whatever the locale.
std::string seconds(Duration span) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(),
                                 std::chrono::duration<double>(span).count());
  return {text.data(), end.ptr};
}

void add_jobs(Page& page, const Overview::Reading& reading) {
  page.begin("portfire_jobs", "gauge", "Jobs that are in a state now.");
  for (const StateCount& count : reading.statistics.live) {
    page.value({{"queue", count.queue}, {"state", count.state}}, std::to_string(count.count));
  }
  page.begin("portfire_jobs_entered_total", "counter",
             "How often a state was entered; Created counts creations.");
  for (const auto& [state, count] : reading.statistics.lifetime) {
    page.value({{"state", state}}, std::to_string(count));
  }
}

void add_queues(Page& page, const Overview::Reading& reading) {
  page.begin("portfire_queue_ready", "gauge", "Jobs that wait for a worker.");
  for (const QueueSummary& queue : reading.queues) {
    page.value({{"queue", queue.name}}, std::to_string(queue.ready));
  }
  page.begin("portfire_queue_no_handler", "gauge",
             "Of the ready ones: those that no server can run.");
  for (const QueueSummary& queue : reading.queues) {
    page.value({{"queue", queue.name}}, std::to_string(queue.no_handler));
  }
  page.begin("portfire_queue_oldest_seconds", "gauge", "How long the next job has been ready.");
  for (const QueueSummary& queue : reading.queues) {
    const Duration age = queue.oldest_ready
                             ? std::max(reading.now - *queue.oldest_ready, Duration::zero())
                             : Duration::zero();
    page.value({{"queue", queue.name}}, seconds(age));
  }
  page.begin("portfire_queue_paused", "gauge", "1 while the queue is paused.");
  for (const QueueSummary& queue : reading.queues) {
    page.value({{"queue", queue.name}}, queue.settings.paused ? "1" : "0");
  }
}

// Names are for people, and need not be different.
Page::Labels labels_of(const ServerSummary& server) {
  return {{"server", server.info.name}, {"id", to_string(server.info.id)}};
}

void add_servers(Page& page, const Overview::Reading& reading) {
  page.begin("portfire_servers", "gauge", "Running servers.");
  page.value({}, std::to_string(reading.servers.size()));
  page.begin("portfire_workers", "gauge", "Workers of a server.");
  for (const ServerSummary& server : reading.servers) {
    page.value(labels_of(server), std::to_string(server.info.workers));
  }
  page.begin("portfire_server_running", "gauge", "Jobs that a server holds.");
  for (const ServerSummary& server : reading.servers) {
    page.value(labels_of(server), std::to_string(server.running));
  }
  page.begin("portfire_server_heartbeat_age_seconds", "gauge",
             "Since a server's last sign of life.");
  for (const ServerSummary& server : reading.servers) {
    page.value(labels_of(server), seconds(reading.now - server.heartbeat_at));
  }
}

// From the jobs that succeeded last: no storage keeps every duration in order.
std::string durations_text(Monitoring& monitoring) {
  Page page;
  std::map<std::string, std::vector<Duration>> by_name;
  const JobPage recent = monitoring.list({.state = std::string{state_names::succeeded},
                                          .limit = most_recent_jobs,
                                          .work_limit = most_recent_jobs});
  for (const JobSummary& job : recent.jobs) {
    if (job.duration) by_name[job.name].push_back(*job.duration);
  }
  page.begin("portfire_recent_job_duration_seconds", "summary",
             "How long jobs ran, of the last 1,000 that succeeded.");
  constexpr std::array<std::pair<const char*, double>, 3> quantiles = {
      {{"0.5", 0.5}, {"0.95", 0.95}, {"0.99", 0.99}}};
  for (auto& [name, durations] : by_name) {
    std::ranges::sort(durations);
    Duration sum = Duration::zero();
    for (const Duration duration : durations) sum += duration;
    for (const auto& [label, quantile] : quantiles) {
      const auto at =
          static_cast<std::size_t>(quantile * static_cast<double>(durations.size() - 1));
      page.value({{"name", name}, {"quantile", label}}, seconds(durations[at]));
    }
    page.value({{"name", name}}, seconds(sum), "_sum");
    page.value({{"name", name}}, std::to_string(durations.size()), "_count");
  }
  return page.text();
}

}  // namespace

std::string metrics_text(Site& site) {
  const Overview::Snapshot snapshot = site.overview->latest();
  Page page;
  add_jobs(page, *snapshot.reading);
  add_queues(page, *snapshot.reading);
  add_servers(page, *snapshot.reading);
  return page.text() + site.durations.get(*site.storage->runtime(),
                                          [&] { return durations_text(site.monitoring()); });
}

}  // namespace portfire::dashboard
