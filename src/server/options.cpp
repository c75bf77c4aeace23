#include "server/options.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>

#include <portfire/error.hpp>

#include "model/rules.hpp"

namespace portfire::server {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

void check_queues(const std::vector<std::string>& queues) {
  if (queues.empty()) throw UsageError{"ServerOptions::queues is empty; name at least one queue"};
  std::set<std::string> seen;
  for (const std::string& queue : queues) {
    rules::check_queue_name("ServerOptions::queues", queue);
    if (!seen.insert(queue).second) {
      throw UsageError{"ServerOptions::queues names \"" + queue + "\" twice; once is enough"};
    }
  }
}

void check_weights(const ServerOptions& options) {
  for (const auto& [queue, weight] : options.weights) {
    if (std::ranges::find(options.queues, queue) == options.queues.end()) {
      throw UsageError{"ServerOptions::weights names \"" + queue +
                       "\", which is not among ServerOptions::queues"};
    }
    rules::check_range("the weight of queue \"" + queue + "\"", weight, 1, 1000);
  }
}

void check_spans(const ServerOptions& options) {
  constexpr hours century{24 * 365 * 100};
  rules::check_span("ServerOptions::lease", options.lease, seconds{1}, hours{1});
  rules::check_span("ServerOptions::stop_timeout", options.stop_timeout, Duration::zero(),
                    hours{24});
  rules::check_span("ServerOptions::shutdown_timeout", options.shutdown_timeout,
                    options.stop_timeout, hours{24});
  rules::check_span("ServerOptions::poll_interval", options.poll_interval, milliseconds{10},
                    hours{1});
  rules::check_span("ServerOptions::retention", options.retention, Duration::zero(), century);
  rules::check_span("ServerOptions::failed_retention", options.failed_retention, Duration::zero(),
                    century);
}

void check_children(const ChildOptions& children) {
  rules::check_range("ServerOptions::children.jobs_per_child", children.jobs_per_child, 1,
                     1'000'000'000);
  rules::check_range("ServerOptions::children.spare", children.spare, 0, 100);
  rules::check_span("ServerOptions::children.kill_after", children.kill_after, Duration::zero(),
                    hours{24});
  rules::check_span("ServerOptions::children.start_timeout", children.start_timeout,
                    milliseconds{100}, hours{1});
  check_process_limits("ServerOptions::children.limits", children.limits);
}

}  // namespace

void check_process_limits(const std::string& field, const ProcessLimits& limits) {
  constexpr std::uint64_t least_memory = 1024;
  if (limits.memory_bytes > 0 && limits.memory_bytes < least_memory) {
    throw UsageError{field + ".memory_bytes is " + std::to_string(limits.memory_bytes) +
                     "; it must be 0 for no limit, or at least 1024"};
  }
  rules::check_span(field + ".processor_time", limits.processor_time, Duration::zero(),
                    hours{24 * 365});
  // Fewer would not do for the child itself.
  if (limits.open_files != 0) {
    rules::check_range(field + ".open_files", limits.open_files, 16, 1'000'000);
  }
}

std::string default_server_name() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) return "unknown:" + std::to_string(getpid());
  return std::string{host.data()} + ":" + std::to_string(getpid());
}

ServerOptions checked(ServerOptions options, unsigned processors) {
  constexpr int most_workers = 1000;
  constexpr int most_prefetched = 100'000;
  constexpr unsigned most_by_default = 20;
  rules::check_range("ServerOptions::workers", options.workers, 0, most_workers);
  if (options.workers == 0) {
    options.workers =
        static_cast<int>(std::clamp(5 * std::max(processors, 1U), 1U, most_by_default));
  }
  check_queues(options.queues);
  check_weights(options);
  rules::check_range("ServerOptions::prefetch", options.prefetch, 0, most_prefetched);
  rules::check_range("ServerOptions::crash_limit", options.crash_limit, 0, 1000);
  rules::check_range("ServerOptions::error_limit", options.error_limit, 100, 1'000'000);
  check_spans(options);
  check_children(options.children);
  for (const auto& process : options.processes) {
    if (process == nullptr) {
      throw UsageError{"ServerOptions::processes contains a null pointer; remove it"};
    }
  }
  if (!options.log) throw UsageError{"ServerOptions::log is empty; use silent_sink() for no log"};
  if (options.name.empty()) options.name = default_server_name();
  return options;
}

std::string described(const ServerOptions& options) {
  std::string queues;
  for (const std::string& queue : options.queues) {
    queues += (queues.empty() ? "" : ",") + queue;
    if (options.weights.empty()) continue;
    const auto own = options.weights.find(queue);
    queues += ":" + std::to_string(own == options.weights.end() ? 1 : own->second);
  }
  std::string line = "workers=" + std::to_string(options.workers) + " queues=" + queues +
                     " prefetch=" + std::to_string(options.prefetch) +
                     " lease=" + to_string(options.lease) +
                     " stop_timeout=" + to_string(options.stop_timeout) +
                     " shutdown_timeout=" + to_string(options.shutdown_timeout) +
                     " poll_interval=" + to_string(options.poll_interval);
  line += options.automatic_retry ? " attempts=" + std::to_string(options.retry.attempts)
                                  : std::string{" automatic_retry=off"};
  line += " filters=" + std::to_string(options.filters.size()) +
          " retention=" + to_string(options.retention) + " failed_retention=" +
          (options.failed_retention == Duration::zero() ? "forever"
                                                        : to_string(options.failed_retention)) +
          " crash_limit=" + std::to_string(options.crash_limit) +
          (options.crash_directory.empty() ? "" : " crash_directory=" + options.crash_directory) +
          " error_limit=" + std::to_string(options.error_limit) +
          " isolation=" + (options.isolation == Isolation::process ? "process" : "thread") +
          " jobs_per_child=" + std::to_string(options.children.jobs_per_child) +
          " spare=" + std::to_string(options.children.spare) +
          " kill_after=" + to_string(options.children.kill_after) +
          " start_timeout=" + to_string(options.children.start_timeout) +
          (options.stack_tracer == nullptr ? "" : " stack_traces=on") +
          " maintenance=" + (options.maintenance ? "on" : "off") +
          " processes=" + std::to_string(options.processes.size());
  return line;
}

}  // namespace portfire::server
