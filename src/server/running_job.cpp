#include "server/running_job.hpp"

#include <algorithm>
#include <cmath>

#include <portfire/error.hpp>

#include "client/rings.hpp"
#include "client/step_inputs.hpp"
#include "client/text.hpp"
#include "model/rules.hpp"
#include "server/steering.hpp"

namespace portfire::server {

namespace {

Duration timeout_of(const Claimed& claimed) {
  const auto own = steering_number(claimed.execution, rules::timeout_parameter);
  return own ? Duration{*own} : claimed.handler->handler->timeout;
}

}  // namespace

// Keeps what a handler enqueues until the handler has succeeded.
class RunningJob::Buffer final : public Enqueuer {
 public:
  Buffer(const Surroundings& surroundings, std::map<std::string, std::string> baggage)
      : surroundings_{surroundings}, baggage_{std::move(baggage)} {}

  std::vector<Creation> submit_all(std::vector<JobRequest> requests, Bulk /*bulk*/) override {
    std::vector<Creation> creations;
    for (JobRequest& request : requests) {
      request.call.baggage.insert(baggage_.begin(), baggage_.end());
      auto prepared = prepare_job(std::move(request), surroundings_.ids.next<JobId>(),
                                  surroundings_.filters, surroundings_.retention);
      refuse_rings({&prepared, 1}, surroundings_.storage.monitoring());
      // A key that is taken must not undo the completion that the creation travels with.
      OnDuplicate& on_duplicate = prepared.job.unique.on_duplicate;
      if (on_duplicate == OnDuplicate::reject) on_duplicate = OnDuplicate::use_existing;
      creations.push_back(creation_result(prepared, {}));
      if (!prepared.vetoed) {
        const std::lock_guard lock{mutex_};
        created_.push_back(std::move(prepared.job));
      }
    }
    return creations;
  }

  JobId new_id() override { return surroundings_.ids.next<JobId>(); }

  std::vector<NewJob> take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(created_, {});
  }

 private:
  const Surroundings& surroundings_;
  const std::map<std::string, std::string> baggage_;
  std::mutex mutex_;
  std::vector<NewJob> created_;  // guarded by mutex_
};

RunningJob::RunningJob(const Claimed& claimed, const Surroundings& surroundings,
                       SteadyPoint started_at)
    : claimed_{claimed},
      surroundings_{&surroundings},
      started_at_{started_at},
      timeout_{timeout_of(claimed)} {}

RunningJob::RunningJob(const Claimed& claimed, std::string arguments)
    : claimed_{claimed},
      surroundings_{nullptr},
      started_at_{claimed.claimed_at},
      timeout_{timeout_of(claimed)},
      arguments_{std::move(arguments)} {}

RunningJob::~RunningJob() = default;

Duration RunningJob::start_delay() const {
  return std::max(Duration::zero(),
                  std::chrono::floor<Duration>(started_at_ - claimed_.claimed_at));
}

void RunningJob::trip(StopReason reason) {
  std::optional<std::stop_source> stop;
  {
    const std::lock_guard lock{mutex_};
    if (reason_ != StopReason::none) return;
    reason_ = reason;
    stop = stop_;
  }
  // Outside the lock: the handler's stop callbacks may ask for the reason.
  if (stop) stop->request_stop();
}

std::stop_token RunningJob::stop_token() {
  const std::lock_guard lock{mutex_};
  if (!stop_) {
    stop_.emplace();
    if (reason_ != StopReason::none) stop_->request_stop();
  }
  return stop_->get_token();
}

StopReason RunningJob::stop_reason() const {
  const std::lock_guard lock{mutex_};
  return reason_;
}

void RunningJob::check_progress(double fraction) {
  if (std::isnan(fraction)) throw UsageError{"progress is NaN; it must be from 0 to 1"};
}

void RunningJob::set_progress(double fraction) {
  check_progress(fraction);
  const std::lock_guard lock{mutex_};
  progress_ = std::clamp(fraction, 0.0, 1.0);
}

void RunningJob::add_line(ReportLine line) {
  line.text = shorten(line.text, longest_line);
  const std::lock_guard lock{mutex_};
  line.number = ++lines_added_;
  lines_.push_back(std::move(line));
}

std::optional<Report> RunningJob::take_report(bool with_start) {
  const std::lock_guard lock{mutex_};
  const bool start_is_news = with_start && !start_reported_;
  if (!start_is_news && !progress_ && lines_.empty()) return std::nullopt;
  Report report{.execution = execution().ref};
  if (start_is_news) {
    report.start_delay = start_delay();
    start_reported_ = true;
  }
  report.progress = std::exchange(progress_, std::nullopt);
  report.lines = std::exchange(lines_, {});
  return report;
}

std::optional<std::string> RunningJob::parameter(const std::string& name) const {
  const std::lock_guard lock{mutex_};
  const auto changed = parameters_.find(name);
  if (changed != parameters_.end()) return changed->second;
  const std::string* stored = stored_parameter(name);
  return stored == nullptr ? std::nullopt : std::optional{*stored};
}

const std::string* RunningJob::stored_parameter(const std::string& name) const {
  const auto stored = execution().parameters.find(name);
  return stored == execution().parameters.end() ? nullptr : &stored->second;
}

void RunningJob::set_parameter(const std::string& name, std::string text) {
  rules::check_parameter_name(name);
  const std::lock_guard lock{mutex_};
  parameters_[name] = std::move(text);
}

// Read once: there may be very many.
const std::vector<JobId>& RunningJob::parents() const {
  const std::lock_guard lock{mutex_};
  if (!parents_) parents_ = parents_of(execution().parameters);
  return *parents_;
}

std::string RunningJob::parent_result(std::size_t index) const {
  const std::vector<JobId>& ids = parents();
  if (index >= ids.size()) return {};
  const auto parent = surroundings_->storage.monitoring().job(ids[index]);
  return parent ? parent->result : std::string{};
}

const std::string& RunningJob::arguments() const {
  {
    const std::lock_guard lock{mutex_};
    if (arguments_) return *arguments_;
  }
  if (stored_parameter(rules::inputs_parameter) == nullptr) return execution().arguments;
  // Two threads may read the same results; both get the first one's text.
  std::string arguments = read_arguments();
  const std::lock_guard lock{mutex_};
  if (!arguments_) arguments_ = std::move(arguments);
  return *arguments_;
}

// A result that is gone stays gone, and what does not fit will not; one that its job is about to
// give again will be there at the next attempt.
std::string RunningJob::read_arguments() const {
  const std::vector<JobId>& ids = parents();
  const auto result_of = [&](std::size_t position, std::size_t argument) {
    const std::string what = "argument " + std::to_string(argument + 1) + " is the result of ";
    if (position >= ids.size()) {
      throw ArgumentError{what + "a job that this one does not wait for"};
    }
    const auto parent = surroundings_->storage.monitoring().job(ids[position]);
    if (!parent) {
      throw ArgumentError{what + "job " + to_string(ids[position]) +
                          ", which is no longer kept; give the workflow a longer retention"};
    }
    if (parent->result.empty() && parent->kind == StateKind::final) {
      throw ArgumentError{what + "job " + to_string(parent->id) + " (" + parent->name +
                          "), which has given none"};
    }
    if (parent->result.empty()) {
      throw DecodeError{what + "job " + to_string(parent->id) + " (" + parent->name +
                        "), which is " + parent->state + " again"};
    }
    return parent->result;
  };
  return with_results(execution().arguments, inputs_of(execution().parameters), result_of);
}

std::map<std::string, std::string> RunningJob::baggage() const {
  const std::string* text = stored_parameter(rules::baggage_parameter);
  if (text == nullptr) return {};
  return decode_value<std::map<std::string, std::string>>(*text, "the baggage");
}

Enqueuer& RunningJob::client() {
  const std::lock_guard lock{mutex_};
  if (buffer_ == nullptr) buffer_ = std::make_unique<Buffer>(*surroundings_, baggage());
  return *buffer_;
}

std::map<std::string, std::string> RunningJob::all_parameters() const {
  std::map<std::string, std::string> all = execution().parameters;
  const std::lock_guard lock{mutex_};
  for (const auto& [name, text] : parameters_) {
    if (text) all[name] = *text;
  }
  return all;
}

void RunningJob::keep_crashes(std::uint32_t crashes) {
  std::optional<std::string> text;
  if (crashes > 0) text = std::to_string(crashes);
  const std::lock_guard lock{mutex_};
  parameters_[rules::crashes_parameter] = std::move(text);
}

std::map<std::string, std::optional<std::string>> RunningJob::take_parameters() {
  const std::lock_guard lock{mutex_};
  return std::exchange(parameters_, {});
}

std::vector<NewJob> RunningJob::take_created() {
  const std::lock_guard lock{mutex_};
  return buffer_ == nullptr ? std::vector<NewJob>{} : buffer_->take();
}

}  // namespace portfire::server
