#include "simulation/campaign.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace portfire::simulation {
namespace {

std::string padded(std::uint64_t number, const char* what) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return std::string(digits.size() < 15 ? 15 - digits.size() : 0, ' ') + digits + "  " + what +
         "\n";
}

void add(Campaign& sum, const Report& report) {
  ++sum.seeds;
  sum.steps += report.steps;
  sum.verbs += report.verbs;
  sum.jobs += report.jobs;
  sum.executions += report.executions;
  sum.accepted += report.accepted;
  sum.processes += report.processes;
  sum.faults += report.faults;
  sum.simulated += report.lasted;
  for (std::size_t i = 0; i < fault_kinds; ++i) sum.by_kind[i] += report.by_kind[i];
}

std::string failure_of(const Scenario& failing, const Report& report) {
  const Scenario least = shrunk(failing);
  const Report again = simulate(least);
  return "seed " + std::to_string(failing.seed) + " fails: " + report.violation +
         "\nmade smaller: " + again.violation + "\nreplay it: " + command(least) + "\n";
}

// Runs seeds on several threads, each of which simulates for itself.
class Runner {
 public:
  Runner(const Seeds& seeds, std::FILE* progress)
      : seeds_{seeds}, next_{seeds.from}, progress_{progress} {}

  Campaign run() {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < seeds_.threads; ++i) others.emplace_back([this] { work(); });
    work();
    others.clear();
    // The least seed that failed, whichever thread was the first.
    if (seeds_.goes_on) {
      for (const auto& [seed, report] : failures_) {
        sum_.failure += "seed " + std::to_string(seed) + " fails: " + report.violation + "\n";
      }
    } else if (!failures_.empty()) {
      const auto& [seed, report] = *failures_.begin();
      sum_.failure = failure_of({.seed = seed}, report);
    }
    sum_.took = std::chrono::floor<std::chrono::milliseconds>(Clock::now() - begin_);
    return sum_;
  }

 private:
  using Clock = std::chrono::steady_clock;

  void work() {
    while (const auto seed = next()) {
      const Report report = simulate({.seed = *seed});
      const std::scoped_lock lock{mutex_};
      add(sum_, report);
      if (!report.violation.empty()) failures_.emplace(*seed, report);
      tell();
    }
  }

  std::optional<std::uint64_t> next() {
    const std::scoped_lock lock{mutex_};
    const bool is_over = next_ == seeds_.from + seeds_.count;
    if (is_over || (!seeds_.goes_on && !failures_.empty())) return std::nullopt;
    return next_++;
  }

  void tell() {
    const auto now = Clock::now();
    if (progress_ == nullptr || now - told_ < std::chrono::seconds{10}) return;
    told_ = now;
    const double seconds = std::chrono::duration<double>(now - begin_).count();
    std::fprintf(progress_, "%llu seeds, %.0f a second, %llu faults\n",
                 static_cast<unsigned long long>(sum_.seeds),
                 static_cast<double>(sum_.seeds) / seconds,
                 static_cast<unsigned long long>(sum_.faults));
    std::fflush(progress_);
  }

  const Clock::time_point begin_ = Clock::now();
  const Seeds seeds_;
  std::mutex mutex_;
  std::uint64_t next_;
  std::FILE* const progress_;
  Clock::time_point told_ = begin_;
  Campaign sum_;
  std::map<std::uint64_t, Report> failures_;
};

}  // namespace

// Where no directory for temporary files is, servers have no liveness files, which are of the real
// machine: leases alone tell.
void prepare() { setenv("TMPDIR", "/nowhere", 1); }

Campaign run_seeds(const Seeds& seeds, std::FILE* progress) {
  return Runner{seeds, progress}.run();
}

Scenario shrunk(const Scenario& failing) {
  Scenario best = simulate(failing).used;
  if (simulate(best).violation.empty()) best = failing;
  const auto fails = [](const Scenario& scenario) { return !simulate(scenario).violation.empty(); };
  // Each limit from below: the first that fails is the least.
  const auto lower = [&](auto Scenario::* limit, auto least) {
    for (auto value = least; value < best.*limit; ++value) {
      Scenario smaller = best;
      smaller.*limit = value;
      if (!fails(smaller)) continue;
      best = smaller;
      return;
    }
  };
  for (Scenario before; before != best;) {
    before = best;
    lower(&Scenario::faults, std::uint64_t{0});
    lower(&Scenario::servers, 1);
    lower(&Scenario::clients, 1);
    lower(&Scenario::operations, 1);
  }
  return best;
}

std::string command(const Scenario& scenario) {
  const Scenario all{.seed = scenario.seed};
  std::string text = "SEED=" + std::to_string(scenario.seed);
  std::string limits;
  if (scenario.servers != all.servers) limits += " --servers " + std::to_string(scenario.servers);
  if (scenario.clients != all.clients) limits += " --clients " + std::to_string(scenario.clients);
  if (scenario.operations != all.operations) {
    limits += " --operations " + std::to_string(scenario.operations);
  }
  if (scenario.faults != all.faults) limits += " --faults " + std::to_string(scenario.faults);
  if (!limits.empty()) text += " LIMITS=\"" + limits.substr(1) + "\"";
  return text + " make simulate";
}

std::string described(const Scenario& scenario, const Report& report) {
  std::string text = command(scenario) + ": ";
  text += report.violation.empty() ? "all is well" : report.violation;
  return text + "\n" + padded(report.jobs, "jobs") + padded(report.executions, "executions") +
         padded(report.accepted, "outcomes accepted") + padded(report.processes, "processes") +
         padded(report.verbs, "storage calls that took effect") + padded(report.faults, "faults") +
         padded(report.steps, "steps") +
         padded(static_cast<std::uint64_t>(report.lasted.count()), "ms simulated") +
         padded(report.digest, "digest of the run");
}

std::string described(const Campaign& campaign) {
  const auto seconds = std::max<double>(static_cast<double>(campaign.took.count()) / 1000, 0.001);
  const auto rate = [&](std::uint64_t number) {
    return static_cast<std::uint64_t>(static_cast<double>(number) / seconds);
  };
  std::string text = padded(campaign.seeds, "seeds") + padded(rate(campaign.seeds), "a second") +
                     padded(campaign.jobs, "jobs") + padded(campaign.executions, "executions") +
                     padded(campaign.accepted, "outcomes accepted") +
                     padded(campaign.processes, "processes") +
                     padded(campaign.verbs, "storage calls that took effect") +
                     padded(campaign.steps, "steps") + padded(campaign.faults, "faults:");
  for (std::size_t i = 1; i < fault_kinds; ++i) {
    const std::string name = "  " + std::string{to_string(static_cast<Fault>(i))};
    text += padded(campaign.by_kind[i], name.c_str());
  }
  const auto hours = std::chrono::floor<std::chrono::hours>(campaign.simulated);
  text += padded(static_cast<std::uint64_t>(hours.count()), "hours simulated");
  return text + (campaign.failure.empty() ? "every invariant held" : campaign.failure);
}

}  // namespace portfire::simulation
