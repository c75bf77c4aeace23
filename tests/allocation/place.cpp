#include "allocation/place.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <portfire/batch.hpp>
#include <portfire/state.hpp>
#include <portfire/storage/monitoring.hpp>

namespace portfire {

using namespace std::chrono_literals;

Made fill(const std::shared_ptr<Storage>& storage) {
  Made made;
  Client client{storage, {.log = silent_sink()}};
  made.server = ServerId{0, 1};
  ServerInfo server{.id = made.server,
                    .name = "server",
                    .host = {},
                    .lock = {},
                    .queues = {"default"},
                    .job_names = {"work"}};
  storage->coordination().announce(server);
  client.enqueue(work, 0, long_text);
  const auto claimed = storage->jobs().claim({made.server, 1, {"default"}, 1}).executions;
  if (claimed.size() != 1) throw std::logic_error{"nothing to claim"};
  made.execution = claimed.front().ref;
  made.waiting = client.enqueue(work, 1, long_text);
  made.failed = client.enqueue(work, 2, long_text);
  client.change_state(made.failed, states::failed(long_text));
  made.scheduled = client.schedule(work, TimePoint{1h}, 3, long_text);
  made.batch = client.batch(long_text, [](Batch& all) { all.enqueue(work, 4, long_text); });
  made.recurring = "a definition";
  RecurringJobs{storage, {.log = silent_sink()}}.add_or_update(work, made.recurring, "0 8 * * *",
                                                               {}, 5, long_text);
  return made;
}

namespace {

std::vector<JobDetails> all_jobs(Storage& storage) {
  std::vector<JobDetails> jobs;
  for (const JobSummary& job : storage.monitoring().list({.limit = 1000}).jobs) {
    auto details = storage.monitoring().job(job.id);
    if (!details) throw std::logic_error{"a job that is listed is not there"};
    jobs.push_back(*std::move(details));
  }
  return jobs;
}

using Counts = std::map<std::pair<std::string, std::string>, std::uint64_t>;

std::string text_of(const Counts& counts) {
  std::string text;
  for (const auto& [key, count] : counts) {
    if (count > 0) text += fmt::format(" {}/{}: {}", key.first, key.second, count);
  }
  return text;
}

}  // namespace

std::string fault_of(Storage& storage) {
  Counts listed;
  std::map<JobId, std::uint64_t> members;
  const std::vector<JobDetails> jobs = all_jobs(storage);
  for (const JobDetails& job : jobs) {
    ++listed[{job.queue, job.state}];
    if (job.batch) ++members[*job.batch];
  }
  for (const JobDetails& job : jobs) {
    if (job.members && job.members->total != members[job.id]) {
      return fmt::format("a batch counts {} members and has {}", job.members->total,
                         members[job.id]);
    }
  }
  Counts counted;
  for (const StateCount& count : storage.monitoring().statistics().live) {
    counted[{count.queue, count.state}] = count.count;
  }
  const std::string expected = text_of(listed);
  const std::string seen = text_of(counted);
  return seen == expected ? "" : "counted" + seen + "; there are" + expected;
}

std::string picture_of(Storage& storage) {
  std::vector<std::string> lines;
  for (const JobDetails& job : all_jobs(storage)) {
    std::string line = fmt::format(
        "job {} {} {} {} attempt {} member {} parents {} result {}:", job.name, job.arguments,
        job.queue, job.state, job.attempt, job.batch.has_value(), job.parents.size(), job.result);
    for (const HistoryEntry& entry : job.history) line += " " + entry.state;
    lines.push_back(std::move(line));
  }
  for (const RecurringRecord& one : storage.coordination().list_recurring({})) {
    lines.push_back(fmt::format("recurring {} version {}", one.id, one.version));
  }
  for (const ServerSummary& server : storage.monitoring().servers()) {
    lines.push_back(fmt::format("server {} runs {} stopping {}", server.info.name, server.running,
                                server.stopping));
  }
  for (const QueueSummary& queue : storage.monitoring().queues()) {
    lines.push_back(fmt::format("queue {} paused {}", queue.name, queue.settings.paused));
  }
  std::ranges::sort(lines);
  return fmt::format("{}", fmt::join(lines, "\n"));
}

}  // namespace portfire
