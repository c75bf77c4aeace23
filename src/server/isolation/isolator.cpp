#include "server/isolation/isolator.hpp"

#include <algorithm>

#include <portfire/error.hpp>

#include "model/rules.hpp"
#include "server/crash_text.hpp"
#include "server/isolation/death.hpp"
#include "server/isolation/servable.hpp"
#include "server/steering.hpp"

namespace portfire::server::isolation {

namespace {

ProcessLimits limits_of(const Handler& handler, const ServerOptions& options) {
  ProcessLimits limits = handler.process_limits;
  const ProcessLimits& others = options.children.limits;
  if (limits.memory_bytes == 0) limits.memory_bytes = others.memory_bytes;
  if (limits.processor_time == Duration::zero()) limits.processor_time = others.processor_time;
  if (limits.open_files == 0) limits.open_files = others.open_files;
  return limits;
}

std::uint32_t crashes_of(const RunningJob& running) {
  const auto stored = steering_number(running.execution(), rules::crashes_parameter);
  return static_cast<std::uint32_t>(stored.value_or(0));
}

[[noreturn]] void refuse_child(ChildProcess& child, const std::string& because) {
  ProcessDied::Facts facts = child.bury();
  facts.killed = !because.empty();
  throw Error{"no process could be started for the job: " + describe(facts, because)};
}

}  // namespace

bool is_isolated(const Handler& handler, const ServerOptions& options) {
  const Isolation own = handler.isolation;
  return (own == Isolation::unset ? options.isolation : own) == Isolation::process;
}

std::vector<std::string> isolated_names(const Handlers& handlers, const ServerOptions& options) {
  std::vector<std::string> names = handlers.names();
  std::erase_if(
      names, [&](const std::string& name) { return !is_isolated(*handlers.find(name), options); });
  return names;
}

void check_servable() {
  if (is_servable()) return;
  throw UsageError{
      "a job is to run in a process of its own, but this program cannot serve as its own child: "
      "`main` must begin with `if (const auto end = portfire::serve_isolated(argc, argv, "
      "handlers)) return *end;`"};
}

Isolator::Isolator(Runtime& runtime, const ServerOptions& options, std::vector<std::string> names)
    : runtime_{runtime},
      options_{options},
      names_{std::move(names)},
      pool_{runtime, options.children, static_cast<std::size_t>(options.workers)},
      bells_(static_cast<std::size_t>(options.workers)) {}

void Isolator::start() {
  pool_.start();
  auto child = pool_.take(0);
  const Hello hello = greet(*child, {.bell = bells_[0], .killing = killing_, .running = nullptr});
  pool_.give_back(std::move(child));
  for (const std::string& name : names_) {
    if (std::ranges::find(hello.names, name) != hello.names.end()) continue;
    throw UsageError{"the job \"" + name +
                     "\" is to run in a process of its own, which has no handler for it: give "
                     "portfire::serve_isolated the handlers that the server has"};
  }
}

void Isolator::stop() { pool_.stop(); }

void Isolator::kill_all() {
  killing_ = true;
  for (const Bell& bell : bells_) bell.ring();
}

// What cannot be read of the arguments is thrown here, in the server.
Message Isolator::job_message(RunningJob& running, std::uint64_t execution) const {
  const Execution& claimed = running.execution();
  Message message{MessageType::job};
  message.writer()(execution, limits_of(running.handler(), options_),
                   static_cast<std::uint64_t>(options_.error_limit), claimed, running.arguments(),
                   running.all_parameters());
  return message;
}

Outcome Isolator::run(RunningJob& running, std::size_t worker) {
  constexpr int most_tries = 5;
  const Bell& bell = bells_[worker];
  const std::uint64_t execution = ++executions_;
  Message message = job_message(running, execution);
  const std::string_view job = message.finished();
  const std::stop_callback on_stop{running.stop_token(), [&bell] { bell.ring(); }};
  for (int tries = 1;; ++tries) {
    auto child = pool_.take(worker);
    if (!child->is_ready) greet(*child, {.bell = bell, .killing = killing_, .running = &running});
    const Told told = run_in(*child, running, job, execution, bell);
    if (told.kind == Told::Kind::ended) {
      pool_.give_back(std::move(child));
      if (crashes_of(running) > 0) running.keep_crashes(0);
      if (told.error != nullptr) std::rethrow_exception(told.error);
      return told.outcome;
    }
    // Something that an earlier job has left behind has killed it: this one has no part in it.
    if (told.kind == Told::Kind::unbegun && tries < most_tries) continue;
    mourn(running, told, *child);
  }
}

// Without a tracer nobody asks for stacks.
std::optional<crash::Record> Isolator::crash_of(const ChildProcess& child,
                                                const ProcessDied::Facts& facts) const {
  if (options_.stack_tracer == nullptr || facts.killed) return std::nullopt;
  auto record = child.crash_record();
  return record && record->signal == facts.signal ? std::move(record) : std::nullopt;
}

// Throws Error when it does not get ready.
Hello Isolator::greet(ChildProcess& child, const Ears& ears) const {
  Greeting greeting{child, runtime_, ears, options_.children.start_timeout};
  auto hello = greeting.wait();
  if (hello) return std::move(*hello);
  refuse_child(child, greeting.because());
}

Told Isolator::run_in(ChildProcess& child, RunningJob& running, std::string_view job,
                      std::uint64_t execution, const Bell& bell) const {
  Conversation conversation{
      child, running,  runtime_,
      bell,  killing_, {.execution = execution, .kill_after = options_.children.kill_after}};
  return conversation.run(job);
}

void Isolator::mourn(RunningJob& running, const Told& told, ChildProcess& child) const {
  ProcessDied::Facts facts = child.bury();
  facts.killed = facts.killed && !told.because.empty();
  std::string message = describe(facts, told.because);
  std::vector<std::string> stack;
  if (const auto crash = crash_of(child, facts)) {
    message += address_text(*crash);
    stack = stack_text(*crash, options_.stack_tracer.get());
  }
  if (!told.was_stopped) {
    facts.crashes = crashes_of(running) + 1;
    const auto limit = static_cast<std::uint32_t>(options_.crash_limit);
    facts.is_poison = limit > 0 && facts.crashes >= limit;
    // Whoever runs it again by hand means it.
    running.keep_crashes(facts.is_poison ? 0 : facts.crashes);
    if (facts.is_poison) {
      message += "; it has crashed " + std::to_string(facts.crashes) +
                 " times in a row and is not retried";
    }
  }
  throw RecordedError<ProcessDied>{record_of(message, facts, stack), message, facts};
}

}  // namespace portfire::server::isolation
