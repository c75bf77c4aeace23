#include "server/crash_reports.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include <portfire/error.hpp>

#include "crash/names.hpp"
#include "server/crash_text.hpp"
#include "server/held_execution.hpp"

namespace portfire::server {

// A record in the words that the jobs' histories have for it.
struct CrashReports::Report {
  crash::Record record;
  const crash::RecordedExecution* culprit = nullptr;  // in the record
  std::string signal;                                 // SIGSEGV
  std::string what;                                   // SIGSEGV at address 0x10
  std::vector<std::string> stack;

  [[nodiscard]] bool is_culprit_known() const { return culprit != nullptr || record.elsewhere; }

  [[nodiscard]] std::string summary() const {
    std::string line = "a server crashed: " + what;
    if (culprit != nullptr) line += " in job " + to_string(culprit->job);
    if (!stack.empty()) line += ", " + stack.front();
    return line;
  }

  [[nodiscard]] State with_data(State state) const {
    nlohmann::json data{{"type", signal}, {"message", state.reason}};
    if (!stack.empty()) data["stack"] = stack;
    state.data = data.dump();
    return state;
  }
};

namespace {

// Otherwise it will be the same whenever it is sent again.
bool may_pass(const StorageError& error) { return error.retryable() || error.connection_lost(); }

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
  report.what = what_happened(report.record);
  const auto& running = report.record.running;
  const auto culprit = std::find_if(running.begin(), running.end(), [](const auto& each) {
    return each.part == crash::Part::crashed;
  });
  if (culprit != running.end()) report.culprit = &*culprit;
  report.stack = stack_text(report.record, tracer_.get());
  return report;
}

const std::vector<ServerId>& CrashReports::settle(ProcessContext& context) {
  std::vector<ServerId> unsettled;
  for (const crash::FoundRecord& found : crash::take_records(directory_, context.log)) {
    if (settle(context, found)) {
      found.remove();
    } else {
      unsettled.push_back(found.server);
    }
  }
  unsettled_ = std::move(unsettled);
  return unsettled_;
}

// Returns whether there is nothing more to be done about it.
bool CrashReports::settle(ProcessContext& context, const crash::FoundRecord& found) const {
  const Report report = report_of(found.record);
  const bool is_new = std::ranges::find(unsettled_, found.server) == unsettled_.end();
  if (is_new) context.log(LogLevel::error, report.summary());
  try {
    return tell_all(context, report, found.server);
  } catch (const StorageError& error) {
    if (!may_pass(error)) {
      context.log(LogLevel::error,
                  "the record of the crash cannot be stored and is given up; all that the server "
                  "held is suspected: " +
                      std::string{error.what()});
      return true;
    }
    if (is_new) {
      context.log(LogLevel::warning,
                  std::string{"the record of the crash waits for the storage: "} + error.what());
    }
    return false;
  }
}

// Returns whether there is nothing more to be done about it, here and below.
bool CrashReports::tell_all(ProcessContext& context, const Report& report, ServerId server) const {
  for (const crash::RecordedExecution& running : report.record.running) {
    if (!tell(context, report, running)) return false;
  }
  // It may have been one whose outcome was on its way to the storage. They are reclaimed.
  if (!report.is_culprit_known()) return true;
  std::vector<Released> unstarted;
  for (const ExecutionRef& ref : context.storage.jobs().held(server)) {
    unstarted.push_back({ref, ReleaseReason::unstarted});
  }
  return unstarted.empty() || context.storage.jobs().release(unstarted).busy.empty();
}

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
  try {
    return store(context, claimed, unit_for(report, claimed, running.part));
  } catch (const StorageError& error) {
    if (may_pass(error)) throw;
    context.log(LogLevel::error, "what the crash means for job " + to_string(running.job) +
                                     " cannot be stored: " + error.what());
    // The others have done nothing: they go the way of what had not begun, or are reclaimed.
    if (running.part != crash::Part::crashed) return true;
    Unit plain = performer_.end_unstorable(claimed, error.what());
    plain.transitions.front().crashes = claimed.execution.crashes + 1;
    return store(context, claimed, plain);
  }
}

bool CrashReports::store(ProcessContext& context, const Claimed& claimed, const Unit& unit) const {
  const CommitResult result = context.storage.jobs().commit({&unit, 1}).front();
  if (result.status == CommitStatus::busy) return false;
  performer_.tell_applied(claimed, unit, result);
  return true;
}

Unit CrashReports::unit_for(const Report& report, const Claimed& claimed, crash::Part part) const {
  const Execution& execution = claimed.execution;
  const bool is_known = report.is_culprit_known();
  // What runs in a process of its own is no part of this one.
  const bool is_suspected = !is_known && part != crash::Part::apart;
  if (part == crash::Part::crashed) return blame(report, claimed, true);
  if (is_suspected && execution.suspect) return blame(report, claimed, false);
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
  if (execution.suspect || is_suspected) unit.transitions.front().crashes = execution.crashes;
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
