#include <utility>

#include "storage/common/requests.hpp"
#include "storage/memory/moves.hpp"
#include "storage/memory/verbs.hpp"

namespace portfire::memory {
namespace {

// What the server may take from the queue, in order: of the suspects, or of the others.
MergedReader open_to(const Server& server, Queue& queue, bool suspects) {
  MergedReader merged;
  merged.add(queue.plain.line(suspects));
  for (auto& [job_name, lane] : queue.named) {
    if (server.handlers.contains(job_name)) merged.add(lane.line(suspects));
  }
  return merged;
}

class Taking {
 public:
  Taking(Call& call, Server& server, const ClaimRequest& request)
      : call_{call}, server_{server}, max_{request.max} {
    for (const std::string& name : request.queues) {
      const auto queue = call.data.queues.find(name);
      if (queue == call.data.queues.end() || queue->second.settings.paused) continue;
      take_from(queue->second);
    }
  }

  ClaimResult result;

 private:
  [[nodiscard]] std::size_t room() const { return max_ - result.executions.size(); }

  void take_from(Queue& queue) {
    // A suspect is run on its own, so that a crash can be blamed on it.
    const std::size_t suspects = server_.suspects == 0 ? 1 : 0;
    take(open_to(server_, queue, true), std::min(room(), suspects));
    take(open_to(server_, queue, false), std::min<std::size_t>(room(), queue.ready));
  }

  void take(MergedReader ready, std::size_t max) {
    // All are chosen before the first is taken: taking changes the rows that are being read.
    chosen_.clear();
    for (; chosen_.size() < max && !ready.done(); ready.next()) chosen_.push_back(ready.slot());
    result.executions.reserve(result.executions.size() + chosen_.size());
    for (const Slot slot : chosen_) {
      Job& job = call_.data.jobs.at(slot);
      hold(call_, job, server_);
      result.executions.push_back(execution_of(job));
    }
  }

  Call& call_;
  Server& server_;
  const std::size_t max_;
  std::vector<Slot> chosen_;
};

// What the last claim took and the server still holds.
ClaimResult repeat(Data& data, const Server& server) {
  ClaimResult result;
  for (const ExecutionRef& taken : server.last_claim) {
    const Job* job = data.jobs.find(taken.job, taken.locator);
    if (job != nullptr && job->held_under(taken.epoch)) {
      result.executions.push_back(execution_of(*job));
    }
  }
  return result;
}

// The job, while it is held as the reference says.
Job* find_held(Data& data, const ExecutionRef& execution) {
  Job* job = data.jobs.find(execution.job, execution.locator);
  return job != nullptr && job->held_under(execution.epoch) ? job : nullptr;
}

}  // namespace

ClaimResult claim(Call& call, const ClaimRequest& request) {
  Server* server = call.data.server(request.server);
  if (server == nullptr || request.token < server->last_token) return {};
  if (request.token == server->last_token) return repeat(call.data, *server);
  Taking taking{call, *server, request};
  server->last_token = request.token;
  server->last_claim.clear();
  for (const Execution& execution : taking.result.executions) {
    server->last_claim.push_back(execution.ref);
  }
  return std::move(taking.result);
}

std::vector<ExecutionRef> held(Data& data, ServerId id) {
  std::vector<ExecutionRef> all;
  const Server* server = data.server(id);
  if (server == nullptr) return all;
  server->held.forwards(0, [&](Slot slot) {
    all.push_back(ref_of(data.jobs.at(slot)));
    return true;
  });
  return all;
}

void report(Call& call, std::span<const Report> reports) {
  for (const Report& news : reports) {
    Job* job = find_held(call.data, news.execution);
    if (job == nullptr) continue;
    if (news.start_delay) job->run.start_delay = news.start_delay;
    if (news.progress) job->run.progress = news.progress;
    for (const ReportLine& line : news.lines) {
      auto& log = job->extra.make().log;
      const std::uint64_t number = log_number(news.execution.epoch, line);
      if (!log.empty() && log.back().number >= number) continue;
      log.push_back({.number = number, .at = call.now, .level = line.level, .text = line.text});
    }
  }
}

std::vector<Revoked> revoked(Data& data, std::span<const ExecutionRef> executions) {
  std::vector<Revoked> all;
  for (const ExecutionRef& execution : executions) {
    if (find_held(data, execution) != nullptr) continue;
    const Job* job = data.jobs.find(execution.job, execution.locator);
    all.push_back({execution, job == nullptr ? std::string{} : job->present.name->text});
  }
  return all;
}

}  // namespace portfire::memory
