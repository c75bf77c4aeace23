#include "server/crash_reports.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crash/names.hpp"
#include "server/error_record.hpp"
#include "server/held_execution.hpp"

namespace portfire::server {

// A record in the words that the jobs' histories have for it.
struct CrashReports::Report {
  crash::Record record;
  const crash::RecordedExecution* culprit = nullptr;  // in the record
  std::string signal;                                 // SIGSEGV
  std::string what;                                   // SIGSEGV at address 0x10
  std::vector<std::string> stack;

  [[nodiscard]] State with_data(State state) const {
    nlohmann::json data{{"type", signal}, {"message", state.reason}};
    if (!stack.empty()) data["stack"] = stack;
    state.data = data.dump();
    return state;
  }
};

namespace {

// The address says something where it was the instruction that failed.
std::string what_happened(const crash::Record& record, const std::string& signal) {
  if (record.sender) {
    return signal + ", sent by " +
           (*record.sender == 0 ? "another process" : "process " + std::to_string(*record.sender));
  }
  if (record.code <= 0) return signal;
  return signal + " at address " + crash::plain_frame({.offset = record.address});
}

}  // namespace

CrashReports::CrashReports(std::string directory, std::uint32_t crash_limit,
                           std::shared_ptr<StackTracer> tracer, const Performer& performer,
                           const HandlerTable& handlers, const FilterChain& filters)
    : directory_{std::move(directory)},
      crash_limit_{crash_limit},
      tracer_{std::move(tracer)},
      performer_{performer},
      handlers_{handlers},
      unknown_{.handler = std::make_shared<const Handler>(), .filters = filters} {}

CrashReports::Report CrashReports::report_of(crash::Record record) const {
  Report report{.record = std::move(record)};
  report.signal = crash::signal_name(report.record.signal);
  report.what = what_happened(report.record, report.signal);
  const auto& running = report.record.running;
  const auto culprit = std::find_if(running.begin(), running.end(),
                                    [](const auto& execution) { return execution.crashed; });
  if (culprit != running.end()) report.culprit = &*culprit;
  std::vector<std::string> stack;
  if (tracer_ != nullptr) {
    stack = tracer_->describe(report.record.stack);
  } else {
    std::transform(report.record.stack.begin(), report.record.stack.end(),
                   std::back_inserter(stack), &crash::plain_frame);
  }
  std::size_t bytes = most_stack_bytes;
  report.stack = bounded_stack(stack, bytes);
  return report;
}

void CrashReports::settle(ProcessContext& context) {
  for (const crash::FoundRecord& found : crash::take_records(directory_, context.log)) {
    if (settle(context, found)) found.remove();
  }
}

bool CrashReports::settle(ProcessContext& context, const crash::FoundRecord& found) const {
  const Report report = report_of(found.record);
  std::string line = "a server crashed: " + report.what;
  if (report.culprit != nullptr) line += " in job " + to_string(report.culprit->job);
  if (!report.stack.empty()) line += ", " + report.stack.front();
  context.log(LogLevel::error, line);
  for (const crash::RecordedExecution& running : report.record.running) {
    if (!tell(context, report, running)) return false;
  }
  // What else it held had not begun.
  std::vector<Released> unstarted;
  for (const ExecutionRef& ref : context.storage.jobs().held(found.server)) {
    unstarted.push_back({ref, ReleaseReason::unstarted});
  }
  return unstarted.empty() || context.storage.jobs().release(unstarted).busy.empty();
}

// Returns whether there is nothing more to be done about it.
bool CrashReports::tell(ProcessContext& context, const Report& report,
                        const crash::RecordedExecution& running) const {
  const auto job = context.storage.monitoring().job(running.job);
  if (!job || job->epoch != running.epoch || job->kind != StateKind::running) {
    context.log(LogLevel::info, "job " + to_string(running.job) + " (" + running.name +
                                    ") is not held by the crashed server any more");
    return true;
  }
  const BoundHandler* handler = handlers_.find(job->name);
  const Claimed claimed{.execution = held_execution(*job),
                        .handler = handler == nullptr ? &unknown_ : handler,
                        .claimed_at = context.runtime.steady_now(),
                        .server = running.server};
  const Unit unit = unit_for(report, claimed, running.crashed);
  const CommitResult result = context.storage.jobs().commit({&unit, 1}).front();
  if (result.status == CommitStatus::busy) return false;
  performer_.tell_applied(claimed, unit, result);
  return true;
}

Unit CrashReports::unit_for(const Report& report, const Claimed& claimed, bool crashed) const {
  const Execution& execution = claimed.execution;
  const bool is_known = report.culprit != nullptr || report.record.elsewhere;
  if (crashed) return blame(report, claimed, true);
  if (!is_known && execution.suspect) return blame(report, claimed, false);
  State again;
  if (report.culprit != nullptr) {
    again =
        states::enqueued("Its server crashed in another job, " + to_string(report.culprit->job) +
                         " (" + report.culprit->name + "): " + report.signal);
  } else if (is_known) {
    again = states::enqueued("Its process crashed in a job of another server: " + report.signal);
  } else if (report.record.sender) {
    again = states::enqueued("Its server was ended: " + report.what);
  } else {
    again = report.with_data(
        states::enqueued("Its server crashed outside the threads of its jobs: " + report.what));
  }
  Unit unit = performer_.end(claimed, std::move(again)).unit;
  // What it was suspected of before, it still is; where nobody is known, so are all.
  if (execution.suspect || !is_known) unit.transitions.front().crashes = execution.crashes;
  return unit;
}

Unit CrashReports::blame(const Report& report, const Claimed& claimed, bool is_culprit) const {
  const std::uint32_t crashes = claimed.execution.crashes + 1;
  if (crash_limit_ > 0 && crashes >= crash_limit_) {
    Unit unit =
        performer_
            .end(claimed, report.with_data(states::failed(
                              "It was running in " + std::to_string(crashes) +
                              " servers when they crashed, the last time with " + report.what)))
            .unit;
    unit.transitions.front().crashes = crashes;
    return unit;
  }
  return performer_.end_crashed(
      claimed,
      report.with_data(states::failed(
          (is_culprit ? "It crashed its server: " : "Its server crashed while it was suspected: ") +
          report.what)),
      crashes);
}

}  // namespace portfire::server
