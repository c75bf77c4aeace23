#include "dashboard/explanation.hpp"

#include <algorithm>

namespace portfire::dashboard {

namespace {

// `3m`, `2h`: one unit is enough to get the picture.
std::string roughly(Duration span) {
  using namespace std::chrono;
  const auto count = [](auto whole, const char* unit) {
    return std::to_string(whole.count()) + " " + unit + (whole.count() == 1 ? "" : "s");
  };
  if (span < seconds{1}) return "a moment";
  if (span < minutes{2}) return count(floor<seconds>(span), "second");
  if (span < hours{2}) return count(floor<minutes>(span), "minute");
  if (span < days{2}) return count(floor<hours>(span), "hour");
  return count(floor<days>(span), "day");
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

std::string name_of(ServerId id, const Surroundings& around) {
  for (const ServerSummary& server : around.servers) {
    if (server.info.id == id) return server.info.name;
  }
  return to_string(id);
}

bool serves(const ServerSummary& server, const std::string& queue) {
  return std::ranges::find(server.info.queues, queue) != server.info.queues.end();
}

bool knows(const ServerSummary& server, const std::string& name) {
  return std::ranges::find(server.info.job_names, name) != server.info.job_names.end();
}

void explain_servers(const JobDetails& job, const Surroundings& around,
                     std::vector<std::string>& sentences) {
  if (around.servers.empty()) {
    sentences.push_back("No server is running: jobs wait until a program starts one.");
    return;
  }
  std::uint64_t workers = 0;
  std::uint64_t busy = 0;
  bool is_served = false;
  bool is_known = false;
  for (const ServerSummary& server : around.servers) {
    if (!serves(server, job.queue)) continue;
    is_served = true;
    if (!knows(server, job.name)) continue;
    is_known = true;
    workers += server.info.workers;
    busy += std::min<std::uint64_t>(server.running, server.info.workers);
  }
  if (!is_served) {
    sentences.push_back("None of the " + std::to_string(around.servers.size()) +
                        " servers serves the queue " + quoted(job.queue) + ".");
  } else if (!is_known) {
    sentences.push_back("No server of the queue " + quoted(job.queue) + " has a handler named " +
                        quoted(job.name) +
                        ": add it there, or give the handler this name as an alias.");
  } else {
    sentences.push_back("It waits for its turn: " + std::to_string(busy) + " of " +
                        std::to_string(workers) + " workers that can run it are busy.");
  }
}

void explain_ready(const JobDetails& job, const Surroundings& around,
                   std::vector<std::string>& sentences) {
  const auto queue = std::ranges::find(around.queues, job.queue, &QueueSummary::name);
  if (queue != around.queues.end() && queue->settings.paused) {
    std::string text = "Its queue " + quoted(job.queue) + " is paused";
    if (!queue->settings.paused_by.empty()) text += " by " + queue->settings.paused_by;
    if (!queue->settings.pause_reason.empty()) text += ": " + queue->settings.pause_reason;
    sentences.push_back(text + ".");
  }
  explain_servers(job, around, sentences);
  if (queue != around.queues.end() && queue->ready > 1) {
    sentences.push_back(std::to_string(queue->ready) + " jobs are ready in this queue; priority " +
                        std::to_string(job.priority) + " decides first, then who came first.");
  }
}

void explain_timed(const JobDetails& job, const Surroundings& around,
                   std::vector<std::string>& sentences) {
  if (!job.due_at) return;
  if (*job.due_at > around.now) {
    sentences.push_back("It falls due in " + roughly(*job.due_at - around.now) + ".");
    if (job.attempt > 0) {
      sentences.push_back("It has failed before; this will be retry " +
                          std::to_string(job.attempt) + ".");
    }
  } else if (around.servers.empty()) {
    sentences.push_back("It fell due " + roughly(around.now - *job.due_at) +
                        " ago, but no server is running that would move it to its queue.");
  } else {
    sentences.push_back("It is due and will be moved to its queue in a moment.");
  }
}

void explain_waiting(const JobDetails& job, std::vector<std::string>& sentences) {
  if (job.in_line) {
    sentences.push_back("It stands in line: others of the limit " + quoted(job.limit_key) +
                        " come first. It goes on by itself when one of them has ended.");
  }
  if (job.members) {
    sentences.push_back(std::to_string(job.members->outstanding) + " of its " +
                        std::to_string(job.members->total) + " members have not ended yet.");
  }
  if (job.parents.size() == 1) {
    sentences.push_back(
        "It waits for another job, shown below; it goes on as soon as that has ended.");
  } else if (!job.parents.empty()) {
    sentences.push_back("It waits for " + std::to_string(job.parents.size()) +
                        " other jobs, shown below; it goes on as soon as they have ended.");
  }
}

void explain_running(const JobDetails& job, const Surroundings& around,
                     std::vector<std::string>& sentences) {
  if (!job.server) return;
  const auto server = std::ranges::find_if(
      around.servers, [&](const ServerSummary& one) { return one.info.id == *job.server; });
  if (server == around.servers.end()) {
    sentences.push_back("Its server is gone; another one will take it back within moments.");
    return;
  }
  const Duration silence = around.now - server->heartbeat_at;
  if (silence > server->info.lease) {
    sentences.push_back("Its server " + quoted(server->info.name) +
                        " has given no sign of life for " + roughly(silence) +
                        "; other servers take its jobs back once its lease has passed.");
  } else {
    sentences.push_back("It is running on " + quoted(server->info.name) + " for " +
                        roughly(around.now - job.since) + ".");
  }
}

}  // namespace

std::vector<std::string> explain(const JobDetails& job, const Surroundings& around) {
  std::vector<std::string> sentences;
  switch (job.kind) {
    case StateKind::ready: explain_ready(job, around, sentences); break;
    case StateKind::timed: explain_timed(job, around, sentences); break;
    case StateKind::waiting: explain_waiting(job, sentences); break;
    case StateKind::running: explain_running(job, around, sentences); break;
    case StateKind::parked:
      sentences.push_back("It stays as it is until somebody requeues or deletes it.");
      break;
    case StateKind::final: break;
  }
  if (job.kind == StateKind::final && job.expires_at) {
    sentences.push_back("It has ended, and is kept for another " +
                        roughly(std::max(*job.expires_at - around.now, Duration::zero())) + ".");
  }
  if (job.stopping_on) {
    sentences.push_back("It was taken from " + quoted(name_of(*job.stopping_on, around)) +
                        ", where its handler has been told to stop and has not returned yet.");
  }
  if (job.suspect) {
    sentences.push_back("A server crashed while it held this job, so it runs alone the next time.");
  }
  return sentences;
}

}  // namespace portfire::dashboard
