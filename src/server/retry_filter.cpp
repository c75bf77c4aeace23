#include <algorithm>
#include <cmath>

#include <portfire/error.hpp>
#include <portfire/isolation.hpp>
#include <portfire/retry.hpp>

#include "client/text.hpp"
#include "model/rules.hpp"

namespace portfire {

namespace {

constexpr std::size_t reason_message_bytes = 200;

class RetryFilter final : public Filter {
 public:
  RetryFilter(RetryOptions options, std::shared_ptr<Runtime> runtime)
      : options_{std::move(options)}, runtime_{std::move(runtime)} {}

  [[nodiscard]] std::string_view name() const override { return "retry"; }
  [[nodiscard]] int order() const override { return 20; }

  void electing(Election& election) override {
    if (election.candidate.ending != Ending::failed || !applies_to(election.error)) return;
    const int limit =
        election.job.attempts_limit == unset ? options_.attempts : election.job.attempts_limit;
    const std::uint32_t retry = election.job.attempt + 1;
    if (retry > static_cast<std::uint32_t>(limit)) {
      if (options_.on_exceeded == RetryOptions::OnExceeded::delete_job) give_up(election, limit);
      return;
    }
    const Duration delay = election.requested_delay.value_or(delay_before(retry));
    std::string reason = "Retry " + std::to_string(retry) + " of " + std::to_string(limit) + ": " +
                         shorten(election.candidate.reason, reason_message_bytes);
    election.attempt = retry;
    election.elect(delay <= Duration::zero() ? states::enqueued(std::move(reason))
                                             : states::scheduled(delay, std::move(reason)));
  }

 private:
  // A failure that no exception of this process stands behind is retried like any other, unless
  // only certain exceptions are.
  [[nodiscard]] bool applies_to(const std::exception_ptr& error) const {
    if (error == nullptr) return options_.only_on.empty();
    if (exception_is<ArgumentError>()(error) || is_poison(error)) return false;
    const auto recognises = [&](const ExceptionTest& test) { return test(error); };
    const bool wanted = options_.only_on.empty() ||
                        std::any_of(options_.only_on.begin(), options_.only_on.end(), recognises);
    return wanted && std::none_of(options_.except_on.begin(), options_.except_on.end(), recognises);
  }

  static bool is_poison(const std::exception_ptr& error) {
    try {
      std::rethrow_exception(error);
    } catch (const ProcessDied& died) {
      return died.facts().is_poison;
    } catch (...) {
      return false;
    }
  }

  [[nodiscard]] Duration delay_before(std::uint32_t retry) const {
    if (!options_.delays.empty()) {
      const std::size_t index = std::min<std::size_t>(retry, options_.delays.size()) - 1;
      return options_.delays[index];
    }
    return options_.delay ? options_.delay(retry, runtime_->random())
                          : default_retry_delay(retry, runtime_->random());
  }

  static void give_up(Election& election, int limit) {
    State deleted = states::deleted("Failed for good after " + std::to_string(limit) + " retries");
    deleted.data = election.candidate.data;
    election.elect(std::move(deleted));
  }

  const RetryOptions options_;
  const std::shared_ptr<Runtime> runtime_;
};

}  // namespace

Duration default_retry_delay(std::uint32_t retry, std::uint64_t random) {
  const double n = retry;
  const auto jitter = static_cast<double>(random % 30);
  const double seconds = std::round(std::pow(n - 1, 4) + 15 + jitter * n);
  // A century is as good as never, and far from overflow.
  constexpr double longest_seconds = 100.0 * 365 * 24 * 3600;
  return std::chrono::seconds{static_cast<std::int64_t>(std::min(seconds, longest_seconds))};
}

std::shared_ptr<Filter> retry_filter(RetryOptions options, std::shared_ptr<Runtime> runtime) {
  rules::check_range("RetryOptions::attempts", options.attempts, 0, rules::most_attempts);
  for (const Duration delay : options.delays) {
    rules::check_span("RetryOptions::delays", delay, Duration::zero(),
                      std::chrono::hours{24 * 365 * 100});
  }
  if (runtime == nullptr) runtime = thread_runtime();
  return std::make_shared<RetryFilter>(std::move(options), std::move(runtime));
}

}  // namespace portfire
