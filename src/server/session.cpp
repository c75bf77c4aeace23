#include "server/session.hpp"

#include <portfire/error.hpp>
#include <portfire/version.hpp>

#include "server/cancellation_watcher.hpp"
#include "server/delayed_scheduler.hpp"
#include "server/expirer.hpp"
#include "server/lease_keeper.hpp"
#include "server/options.hpp"
#include "server/pause_watcher.hpp"
#include "server/reclaimer.hpp"
#include "server/recurring_scheduler.hpp"
#include "server/reporter.hpp"
#include "server/watchdog.hpp"

namespace portfire::server {

namespace {

Filters filters_of(const ServerOptions& options, const std::shared_ptr<Runtime>& runtime) {
  Filters filters = options.filters;
  if (options.automatic_retry) filters.push_back(retry_filter(options.retry, runtime));
  return filters;
}

std::unique_ptr<isolation::Isolator> isolator_for(const Handlers& handlers,
                                                  const ServerOptions& options, Runtime& runtime) {
  std::vector<std::string> names = isolation::isolated_names(handlers, options);
  if (names.empty()) return nullptr;
  isolation::check_servable();
  return std::make_unique<isolation::Isolator>(runtime, options, std::move(names));
}

std::size_t count(int number) { return static_cast<std::size_t>(number); }

}  // namespace

Session::Session(std::shared_ptr<Storage> storage, const Handlers& handlers,
                 const ServerOptions& options, StopAsked stop_asked)
    : storage_{std::move(storage)},
      runtime_{storage_->runtime()},
      options_{options},
      machine_{machine_identity()},
      job_names_{handlers.names()},
      lease_{options.lease},
      ids_{runtime_},
      filters_{filters_of(options, runtime_), options_.log},
      handlers_{handlers, filters_},
      surroundings_{.storage = *storage_,
                    .runtime = *runtime_,
                    .ids = ids_,
                    .filters = filters_,
                    .retention = options.retention},
      active_{count(options.workers)},
      isolator_{isolator_for(handlers, options, *runtime_)},
      crash_watch_{options.crash_directory, options.stack_tracer, count(options.workers)},
      performer_{surroundings_,
                 active_,
                 crash_watch_,
                 {.retention = options.retention,
                  .failed_retention = options.failed_retention,
                  .error_limit = count(options.error_limit),
                  .elects_released_jobs = handlers_.elects_released_jobs()},
                 isolator_.get()},
      dispatcher_{*runtime_, lease_, QueueOrder{options.queues, options.weights},
                  count(options.workers)},
      finisher_{*storage_, *runtime_, performer_, options_.log},
      fetcher_{*storage_,
               *runtime_,
               identity_,
               lease_,
               handlers_,
               dispatcher_,
               finisher_,
               job_time_,
               {.queues = QueueOrder{options.queues, options.weights},
                .workers = count(options.workers),
                .most_prefetched = count(options.prefetch),
                .poll_interval = options.poll_interval},
               options_.log},
      workers_{*runtime_, dispatcher_,           performer_, finisher_, crash_watch_,
               job_time_, count(options.workers)} {
  auto keeper = std::make_shared<LeaseKeeper>(
      identity_, lease_,
      LeaseKeeper::Reactions{
          .renewed = [this] { dispatcher_.wake_all(); },
          .recovered = [this] { recover(); },
          .lost = [this] { rejoin(); },
          .stop_requested = [this, stop_asked = std::move(stop_asked)] { stop_asked(*this); }},
      options_.log);
  lease_keeper_ = std::make_unique<ProcessRunner>(std::move(keeper), *storage_, *runtime_,
                                                  identity_, options_.log);
  add_steering();
  if (options_.maintenance) add_maintenance();
  for (const auto& process : options_.processes) add(processes_, process);
}

Session::~Session() { stop(); }

void Session::add(Runners& runners, std::shared_ptr<BackgroundProcess> process) {
  runners.push_back(std::make_unique<ProcessRunner>(std::move(process), *storage_, *runtime_,
                                                    identity_, options_.log));
}

void Session::add_steering() {
  add(steering_, std::make_shared<Watchdog>(active_, lease_));
  add(steering_,
      std::make_shared<CancellationWatcher>(active_, dispatcher_, options_.poll_interval));
  add(steering_, std::make_shared<PauseWatcher>(dispatcher_, options_.poll_interval));
  add(steering_, std::make_shared<Reporter>(active_, finisher_));
}

void Session::add_maintenance() {
  const auto crash_limit = static_cast<std::uint32_t>(options_.crash_limit);
  std::unique_ptr<CrashReports> crash_reports;
  if (!options_.crash_directory.empty()) {
    crash_reports =
        std::make_unique<CrashReports>(options_.crash_directory, crash_limit, options_.stack_tracer,
                                       performer_, handlers_, filters_);
  }
  add(processes_, std::make_shared<Reclaimer>(
                      options_.lease / 6, crash_limit, machine_,
                      [this](std::vector<Execution> poisoned) { fail_poison(std::move(poisoned)); },
                      std::move(crash_reports)));
  add(processes_,
      std::make_shared<DelayedScheduler>(handlers_, filters_, ids_, options_.poll_interval));
  add(processes_,
      std::make_shared<RecurringScheduler>(job_names_, filters_, ids_, options_.poll_interval));
  add(processes_, std::make_shared<Expirer>());
}

void Session::announce() {
  const ServerId id = ids_.next<ServerId>();
  liveness_ = std::make_unique<LivenessFile>(id);
  const SteadyPoint sent = runtime_->steady_now();
  storage_->coordination().announce({.id = id,
                                     .name = options_.name,
                                     .host = machine_,
                                     .lock = liveness_->path(),
                                     .workers = static_cast<std::uint32_t>(options_.workers),
                                     .queues = options_.queues,
                                     .job_names = job_names_,
                                     .lease = options_.lease,
                                     .version = version_text()});
  lease_.renewed(sent);
  identity_.assume(id);
  crash_watch_.begin(id, options_.log);
}

void Session::start() {
  // First of all: where it fails, nobody has heard of this server.
  if (isolator_ != nullptr) isolator_->start();
  announce();
  options_.log(LogLevel::info, "server " + options_.name + " (" + to_string(id()) + ") on " +
                                   storage_->description() + ": " + described(options_));
  started_ = true;
  finisher_.start();
  workers_.start();
  fetcher_.start();
  lease_keeper_->start();
  for (const auto& process : steering_) process->start();
  for (const auto& process : processes_) process->start();
}

// Nothing of what this server held is its own any more.
void Session::rejoin() {
  const ServerId lost = id();
  active_.for_each([](RunningJob& job) { job.trip(StopReason::lease_lost); });
  announce();
  // After the change of identity: what the fetcher brings under the old one, it drops itself.
  dispatcher_.take_if([lost](const Claimed& job) { return job.server == lost; });
  lease_keeper_->look_again();
  for (const auto& process : steering_) process->look_again();
  for (const auto& process : processes_) process->look_again();
}

// Whoever waits after an error need not wait any longer.
void Session::recover() {
  fetcher_.look_again();
  finisher_.look_again();
  for (const auto& process : steering_) process->look_again();
  for (const auto& process : processes_) process->look_again();
}

void Session::fail_poison(std::vector<Execution> poisoned) {
  for (Execution& execution : poisoned) {
    State failed = states::failed("It was running in " + std::to_string(execution.crashes) +
                                  " servers when they crashed");
    options_.log(LogLevel::error,
                 "job " + to_string(execution.ref.job) + " fails: " + failed.reason);
    const BoundHandler* handler = handlers_.find(execution.name);
    finisher_.add(performer_.end({std::move(execution), handler, runtime_->steady_now(), id()},
                                 std::move(failed)));
  }
}

void Session::stop() {
  if (!started_) return;
  started_ = false;
  const SteadyPoint begin = runtime_->steady_now();
  const SteadyPoint end = begin + options_.shutdown_timeout;
  fetcher_.stop();
  for (const auto& process : processes_) process->request_stop();
  release_unstarted();
  bool idle = workers_.wait_idle(begin + options_.stop_timeout);
  if (!idle) {
    active_.for_each([](RunningJob& job) { job.trip(StopReason::shutdown); });
    idle = workers_.wait_idle(end);
  }
  if (!idle) hand_back_running();
  if (!idle && isolator_ != nullptr) isolator_->kill_all();
  // Handlers that go on regardless are waited for; what they bring is refused by then.
  workers_.stop();
  if (isolator_ != nullptr) isolator_->stop();
  for (const auto& process : steering_) process->request_stop();
  // The reclaimer may still have something for the finisher.
  for (const auto& process : steering_) process->join();
  for (const auto& process : processes_) process->join();
  finisher_.stop(end);
  sign_off();
  liveness_.reset();
  options_.log(LogLevel::info, "server " + options_.name + " has stopped");
}

void Session::sign_off() {
  lease_keeper_->request_stop();
  lease_keeper_->join();
  try {
    storage_->coordination().remove(id());
  } catch (const StorageError& error) {
    options_.log(
        LogLevel::warning,
        std::string{"the server could not sign off; its lease will run out: "} + error.what());
  }
}

void Session::release_unstarted() {
  std::vector<Released> released;
  for (const Claimed& job : dispatcher_.take_if([](const Claimed&) { return true; })) {
    released.push_back({job.execution.ref, ReleaseReason::unstarted});
  }
  release(released);
}

void Session::hand_back_running() {
  std::vector<Released> released;
  active_.for_each([&](const RunningJob& job) {
    released.push_back({job.execution().ref, ReleaseReason::shutdown});
  });
  options_.log(LogLevel::warning, std::to_string(released.size()) +
                                      " running jobs did not stop in time and are given back");
  release(released);
}

void Session::release(const std::vector<Released>& released) {
  if (released.empty()) return;
  try {
    const std::size_t busy = storage_->jobs().release(released).busy.size();
    if (busy > 0) {
      options_.log(LogLevel::warning, std::to_string(busy) +
                                          " jobs are held by transactions of others and stay with "
                                          "this server until its lease has run out");
    }
  } catch (const StorageError& error) {
    options_.log(
        LogLevel::warning,
        std::string{"jobs could not be given back; others will find them: "} + error.what());
  }
}

}  // namespace portfire::server
