#include "model/operations.hpp"

#include <algorithm>

#include "model/text.hpp"

namespace portfire::model_test {

using namespace std::chrono_literals;
using testing::JobBuilder;
using testing::TransitionBuilder;

namespace {

template <class Values>
std::string joined(const Values& values) {
  std::string all;
  for (const auto& value : values) all += "\n    " + text(value);
  return all;
}

}  // namespace

ExecutionRef Side::localised(ExecutionRef execution) const {
  const auto found = locators.find({execution.job, execution.epoch});
  execution.locator = found == locators.end() ? 0 : found->second;
  return execution;
}

void Side::remember(const Execution& execution) {
  locators[{execution.ref.job, execution.ref.epoch}] = execution.ref.locator;
}

void Generator::Known::add(const ExecutionRef& execution) {
  if (std::ranges::find(executions, execution) == executions.end()) {
    executions.push_back(execution);
  }
}

void Generator::Known::add(const Unit& unit) {
  for (const NewJob& job : unit.jobs) {
    if (std::ranges::find(jobs, job.id) == jobs.end()) jobs.push_back(job.id);
  }
}

Generator::Generator(std::uint64_t seed, std::shared_ptr<testing::VirtualClock> clock)
    : random_{seed}, clock_{std::move(clock)} {}

Operation Generator::next() {
  if (living_.size() < 2) return announce();
  using Make = Operation (Generator::*)();
  static const std::vector<std::pair<std::uint64_t, Make>> table = {
      {22, &Generator::commit},   {6, &Generator::commit_again},   {18, &Generator::claim},
      {16, &Generator::finish},   {6, &Generator::release},        {7, &Generator::promote},
      {6, &Generator::reclaim},   {2, &Generator::expire},         {4, &Generator::report},
      {2, &Generator::revoked},   {2, &Generator::set_parameters}, {4, &Generator::announce},
      {2, &Generator::heartbeat}, {1, &Generator::remove},         {2, &Generator::lock},
      {1, &Generator::set_queue}, {9, &Generator::pass_time}};
  std::uint64_t total = 0;
  for (const auto& [weight, make] : table) total += weight;
  std::uint64_t at = random_.below(total);
  for (const auto& [weight, make] : table) {
    if (at < weight) return (this->*make)();
    at -= weight;
  }
  return pass_time();
}

Operation Generator::commit_of(std::vector<Unit> units) {
  std::string description = "commit" + joined(units);
  return {std::move(description), [units = std::move(units), known = known_](Side& side) {
            std::vector<Unit> local = units;
            for (Unit& unit : local) {
              for (Transition& change : unit.transitions) {
                if (!change.epoch) continue;
                change.locator =
                    side.localised({.job = change.job, .epoch = *change.epoch}).locator;
              }
            }
            const std::vector<CommitResult> results = side.storage->jobs().commit(local);
            for (std::size_t at = 0; at < results.size(); ++at) {
              if (results[at].status == CommitStatus::applied) known->add(units[at]);
            }
            return joined(results);
          }};
}

Operation Generator::commit() {
  std::vector<Unit> units;
  for (std::uint64_t more = random_.below(3) + 1; more > 0; --more) units.push_back(unit());
  for (const Unit& unit : units) sent_.push_back({unit, clock_->now()});
  for (Unit& unit : units) unit.is_new = true;
  return commit_of(std::move(units));
}

Operation Generator::commit_again() {
  if (sent_.empty()) return commit();
  const std::size_t recent = std::min<std::size_t>(sent_.size(), 20);
  const Sent& again = sent_[sent_.size() - 1 - random_.index(recent)];
  // For longer nobody need recognise it.
  if (clock_->now() - again.at > 1h) return commit();
  return commit_of({again.unit});
}

Operation Generator::finish() {
  if (known_->executions.empty()) return claim();
  Unit end{.id = ids_.next<UnitId>()};
  if (random_.chance(20)) end.jobs.push_back(job());
  end.transitions.push_back(end_of(any_execution()));
  sent_.push_back({end, clock_->now()});
  return commit_of({end});
}

Operation Generator::claim() {
  const ServerId server = any_server();
  std::uint64_t& token = tokens_[server];
  std::uint64_t sent = token;
  if (random_.chance(88) || not_to_repeat_.contains(server)) {
    sent = ++token;
    not_to_repeat_.erase(server);
  } else if (random_.chance(30) && token > 0) {
    --sent;
  }
  ClaimRequest request{.server = server, .token = sent, .max = random_.index(4) + 1};
  request.queues = random_.chance(50) ? std::vector<std::string>{"red", "blue"}
                                      : std::vector<std::string>{"blue", "green", "red"};
  std::string description = "claim for " + text(server) + " token " + std::to_string(sent) +
                            " max " + std::to_string(request.max) + " first " + request.queues[0];
  return {std::move(description), [request, known = known_](Side& side) {
            const ClaimResult result = side.storage->jobs().claim(request);
            if (result.executions.empty()) {
              known->empty_handed.insert(request.server);
            } else {
              known->empty_handed.erase(request.server);
            }
            for (const Execution& execution : result.executions) {
              side.remember(execution);
              known->add(execution.ref);
            }
            return joined(result.executions);
          }};
}

Operation Generator::release() {
  if (known_->executions.empty()) return claim();
  std::vector<Released> released;
  std::string description = "release";
  for (std::uint64_t more = random_.below(3) + 1; more > 0; --more) {
    auto reason = static_cast<ReleaseReason>(random_.below(3));
    const ExecutionRef execution = any_execution();
    // What has begun is not given back as though it had not.
    const bool begun = std::ranges::find(known_->begun, execution) != known_->begun.end();
    if (begun) reason = ReleaseReason::shutdown;
    released.push_back({.execution = execution, .reason = reason});
    description += " " + text(released.back().execution) + " for " +
                   std::to_string(static_cast<unsigned>(reason));
  }
  return {std::move(description), [released](Side& side) {
            std::vector<Released> local = released;
            for (Released& one : local) one.execution = side.localised(one.execution);
            return std::to_string(side.storage->jobs().release(local).released);
          }};
}

Operation Generator::promote() {
  const PromoteRequest request{.max = random_.chance(80) ? 1000 : random_.index(3) + 1,
                               .elect = random_.chance(30)};
  return {"promote " + std::to_string(request.max) + (request.elect ? " electing" : ""),
          [request](Side& side) { return text(side.storage->jobs().promote(request)); }};
}

Operation Generator::reclaim() {
  ReclaimRequest request{.servers = {any_server()},
                         .by = any_server(),
                         .crash_limit = static_cast<std::uint32_t>(random_.below(4))};
  if (random_.chance(30)) request.servers.push_back(any_server());
  std::erase(request.servers, request.by);
  for (const ServerId dead : request.servers) std::erase(living_, dead);
  return {"reclaim" + joined(request.servers) + " by " + text(request.by) + " limit " +
              std::to_string(request.crash_limit),
          [request, known = known_](Side& side) {
            const ReclaimResult result = side.storage->jobs().reclaim(request);
            for (const Execution& execution : result.poisoned) {
              side.remember(execution);
              known->add(execution.ref);
            }
            return text(result);
          }};
}

// The order in which jobs are removed is not laid down, so all are.
Operation Generator::expire() {
  return {"expire", [](Side& side) {
            const ExpireResult result = side.storage->jobs().expire(10'000);
            return std::to_string(result.removed) + (result.more ? " and more" : "");
          }};
}

Operation Generator::report() {
  if (known_->executions.empty()) return claim();
  Report report{.execution = any_execution()};
  known_->begun.push_back(report.execution);
  if (random_.chance(50)) report.start_delay = span() / 1000;
  if (random_.chance(50)) report.progress = static_cast<double>(random_.below(5)) / 4;
  if (random_.chance(50)) {
    report.lines.push_back({.level = static_cast<ReportLevel>(random_.below(4)),
                            .text = "line " + std::to_string(random_.below(1000)),
                            .number = 1 + random_.below(10)});
  }
  return {"report of " + text(report.execution), [report](Side& side) {
            Report local = report;
            local.execution = side.localised(report.execution);
            side.storage->jobs().report({&local, 1});
            return std::string{};
          }};
}

Operation Generator::revoked() {
  if (known_->executions.empty()) return claim();
  std::vector<ExecutionRef> asked;
  for (int more = 0; more < 4; ++more) {
    const ExecutionRef one = any_execution();
    if (std::ranges::find(asked, one) == asked.end()) asked.push_back(one);
  }
  return {"revoked" + joined(asked), [asked](Side& side) {
            std::vector<ExecutionRef> local;
            for (const ExecutionRef& one : asked) local.push_back(side.localised(one));
            std::vector<std::string> answers;
            for (const Revoked& one : side.storage->jobs().revoked(local)) {
              answers.push_back(text(one.execution) + " " + one.state + ";");
            }
            std::ranges::sort(answers);
            std::string all;
            for (const std::string& answer : answers) all += answer;
            return all;
          }};
}

Operation Generator::set_parameters() {
  const JobId job = any_job();
  const std::string name(1, static_cast<char>('a' + random_.below(3)));
  std::optional<std::string> json;
  if (random_.chance(70)) json = std::to_string(random_.below(100));
  return {"set " + name + " of " + text(job) + " to " + json.value_or("-"), [=](Side& side) {
            const bool done = side.storage->jobs().set_parameters(job, {{name, json}});
            return std::string{done ? "done" : "no job"};
          }};
}

Operation Generator::announce() {
  const bool is_new = living_.size() < 2 || (living_.size() < 5 && random_.chance(50));
  ServerInfo info{.id = is_new ? ids_.next<ServerId>() : any_server(), .queues = {"red"}};
  if (is_new) servers_.push_back(info.id);
  if (std::ranges::find(living_, info.id) == living_.end()) living_.push_back(info.id);
  for (const std::string name : {"wash", "dry", "fold"}) {
    if (random_.chance(60)) info.job_names.push_back(name);
  }
  return {"announce " + text(info.id) + " knowing " + std::to_string(info.job_names.size()),
          [info](Side& side) {
            side.storage->coordination().announce(info);
            return std::string{};
          }};
}

Operation Generator::heartbeat() {
  const ServerId server = any_server();
  return {"heartbeat of " + text(server),
          [=](Side& side) { return text(side.storage->coordination().heartbeat(server)); }};
}

Operation Generator::remove() {
  const ServerId server = any_server();
  std::erase(living_, server);
  return {"remove " + text(server), [=](Side& side) {
            side.storage->coordination().remove(server);
            return std::string{};
          }};
}

Operation Generator::lock() {
  const std::string name = random_.chance(50) ? "left" : "right";
  const std::string owner = random_.chance(50) ? "me" : "you";
  const Duration lease = span();
  switch (random_.below(3)) {
    case 0:
      return {"lock " + name + " for " + owner, [=](Side& side) {
                const auto grant = side.storage->coordination().acquire_lock(name, owner, lease);
                if (!grant) return std::string{"held"};
                const bool renewed = side.grants[name].fence == grant->fence;
                side.grants[name] = *grant;
                return std::string{renewed ? "same fence" : "new fence"};
              }};
    case 1:
      return {"renew " + name, [=](Side& side) {
                return std::to_string(
                    side.storage->coordination().renew_lock(side.grants[name], lease));
              }};
    default:
      return {"unlock " + name, [=](Side& side) {
                side.storage->coordination().release_lock(side.grants[name]);
                return std::string{};
              }};
  }
}

Operation Generator::set_queue() {
  const std::string name = queue();
  const bool paused = random_.chance(30);
  const std::uint64_t late = random_.chance(20) ? 1 : 0;
  return {"set queue " + name + (paused ? " paused" : " going"), [=](Side& side) {
            QueueSettings settings{.name = name};
            for (const auto& one : side.storage->coordination().queue_settings()) {
              if (one.name == name) settings = one;
            }
            settings.paused = paused;
            settings.paused_by = paused ? "somebody" : "";
            settings.version += late;
            return std::to_string(side.storage->coordination().set_queue(settings));
          }};
}

Operation Generator::pass_time() {
  const Duration by = random_.chance(10) ? span() * 24 : span();
  return {"pass " + to_string(by), [by, clock = clock_, passed = false](Side&) mutable {
            // Both sides look at one clock, so only the first of them moves it.
            if (!passed) clock->advance(by);
            passed = true;
            return std::string{};
          }};
}

}  // namespace portfire::model_test
