#include "storage/redis/monitoring.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <string>
#include <tuple>

#include "embedded_lua.hpp"
#include "storage/redis/call.hpp"
#include "storage/redis/coordination.hpp"
#include "storage/redis/packed.hpp"

namespace portfire::redis {

namespace {

std::uint64_t count_in(const Reply& value) {
  return static_cast<std::uint64_t>(value.as_integer());
}

TimePoint time_in(const Reply& value) { return TimePoint{Duration{value.as_integer()}}; }

// `hour:state`
HourCount hour_count_in(const std::string& field, const Reply& value) {
  std::int64_t hour = 0;
  const auto end = std::from_chars(field.data(), field.data() + field.size(), hour).ptr;
  return {.hour = TimePoint{std::chrono::hours{hour}},
          .state = std::string{end + 1, field.data() + field.size()},
          .count = count_in(value)};
}

std::vector<std::string> texts_in(const Reply& value) {
  std::vector<std::string> texts;
  PackedReader bytes{value.as_text()};
  while (!bytes.done()) texts.emplace_back(bytes.text(4));
  return texts;
}

}  // namespace

Reply RedisMonitoring::overview(std::string_view what) {
  Call call{settings_, scripts::overview};
  call.reads().add(what);
  return gateway_.run(call.script_call());
}

TimePoint RedisMonitoring::now() { return time_in(overview("now")); }

Statistics RedisMonitoring::statistics() {
  const Reply answer = overview("numbers");
  const std::vector<Reply>& live = answer.as_array().at(0).as_array();
  const std::vector<Reply>& lifetime = answer.as_array().at(1).as_array();
  Statistics result;
  for (std::size_t at = 0; at + 1 < live.size(); at += 2) {
    const std::string& field = live[at].as_text();
    const std::size_t zero = std::min(field.find('\0'), field.size() - 1);
    result.live.push_back({.queue = field.substr(0, zero),
                           .state = field.substr(zero + 1),
                           .count = count_in(live[at + 1])});
  }
  std::ranges::sort(result.live, [](const StateCount& a, const StateCount& b) {
    return std::tie(a.queue, a.state) < std::tie(b.queue, b.state);
  });
  for (std::size_t at = 0; at + 1 < lifetime.size(); at += 2) {
    result.lifetime.emplace(lifetime[at].as_text(), count_in(lifetime[at + 1]));
  }
  return result;
}

std::vector<HourCount> RedisMonitoring::history(TimePoint from, TimePoint to) {
  const Reply answer = overview("hours");
  const std::vector<Reply>& values = answer.as_array();
  std::vector<HourCount> result;
  for (std::size_t at = 0; at + 1 < values.size(); at += 2) {
    HourCount hour = hour_count_in(values[at].as_text(), values[at + 1]);
    if (hour.hour >= from && hour.hour < to) result.push_back(std::move(hour));
  }
  std::ranges::sort(result, [](const HourCount& a, const HourCount& b) {
    return std::tie(a.hour, a.state) < std::tie(b.hour, b.state);
  });
  return result;
}

JobPage RedisMonitoring::list(const JobQuery& query) {
  return read_page(settings_, gateway_, query);
}

std::optional<JobDetails> RedisMonitoring::job(JobId id) {
  return read_details(settings_, gateway_, id);
}

std::vector<LogEntry> RedisMonitoring::log(JobId id, std::uint64_t after, std::size_t limit) {
  return read_log(settings_, gateway_, id, after, limit);
}

std::vector<QueueSummary> RedisMonitoring::queues() {
  const Reply answer = overview("queues");
  const std::vector<Reply>& values = answer.as_array();
  std::vector<QueueSummary> result;
  for (std::size_t at = 0; at + 5 < values.size(); at += 6) {
    QueueSummary queue{.name = values[at].as_text(),
                       .ready = count_in(values[at + 1]),
                       .running = count_in(values[at + 2]),
                       .no_handler = count_in(values[at + 3])};
    if (!values[at + 4].as_text().empty()) queue.oldest_ready = time_in(values[at + 4]);
    const std::string& packed = values[at + 5].as_text();
    queue.settings = packed.empty() ? QueueSettings{.name = queue.name}
                                    : read_queue_settings(queue.name, packed);
    if (queue.ready + queue.running > 0 || queue.settings.version > 0) {
      result.push_back(std::move(queue));
    }
  }
  std::ranges::sort(result, {}, &QueueSummary::name);
  return result;
}

std::vector<ServerSummary> RedisMonitoring::servers() {
  Call call{settings_, scripts::servers};
  call.reads();
  const Reply answer = gateway_.run(call.script_call());
  const std::vector<Reply>& values = answer.as_array();
  std::vector<ServerSummary> result;
  for (std::size_t at = 0; at + 12 < values.size(); at += 13) {
    result.push_back({.info = {.id = id_in<ServerId>(values[at].as_text()),
                               .name = values[at + 1].as_text(),
                               .host = values[at + 2].as_text(),
                               .lock = values[at + 3].as_text(),
                               .workers = static_cast<std::uint32_t>(count_in(values[at + 5])),
                               .queues = texts_in(values[at + 6]),
                               .job_names = texts_in(values[at + 7]),
                               .lease = Duration{values[at + 4].as_integer()},
                               .version = values[at + 12].as_text()},
                      .started_at = time_in(values[at + 8]),
                      .heartbeat_at = time_in(values[at + 9]),
                      .running = count_in(values[at + 10]),
                      .stopping = values[at + 11].as_integer() == 1});
  }
  // By start; those of one instant in the order of their coming, which is that of the answer.
  std::ranges::stable_sort(result, {}, &ServerSummary::started_at);
  return result;
}

}  // namespace portfire::redis
