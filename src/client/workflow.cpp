#include <portfire/workflow.hpp>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <portfire/error.hpp>

#include "model/rules.hpp"

namespace portfire {

namespace {

// The parents of a step, each once, and where they stand among them.
class ParentList {
 public:
  explicit ParentList(std::vector<Parent> after) : list_{std::move(after)} {
    for (std::size_t i = 0; i < list_.size(); ++i) {
      if (list_[i].on == Condition::succeeded) positions_.emplace(list_[i].job, i);
    }
  }

  std::size_t position_of(JobId step) {
    const auto [at, is_new] = positions_.emplace(step, list_.size());
    if (is_new) list_.push_back({step, Condition::succeeded});
    return at->second;
  }
  std::vector<Parent> take() { return std::move(list_); }

 private:
  std::vector<Parent> list_;
  std::unordered_map<JobId, std::size_t> positions_;
};

}  // namespace

JobId Steps::submit(JobRequest request, detail::StepInputs inputs) {
  ParentList parents{std::move(inputs.after)};
  nlohmann::json places = nlohmann::json::object();
  for (const auto& [argument, input] : inputs.by_argument) {
    nlohmann::json positions = nlohmann::json::array();
    for (const JobId step : input.steps) positions.push_back(parents.position_of(step));
    places[std::to_string(argument)] = input.is_list ? positions : positions.front();
  }
  request.parents = parents.take();
  if (!request.parents.empty()) request.state = states::awaiting();
  if (!places.empty()) request.reserved[rules::inputs_parameter] = places.dump();
  return to_.submit(std::move(request)).id;
}

Workflow::Workflow(Enqueuer& target, const BatchOptions& options)
    : Batch{target, options}, Steps{static_cast<Enqueuer&>(*this)}, retention_{options.retention} {}

std::vector<Creation> Workflow::submit_all(std::vector<JobRequest> requests, Bulk bulk) {
  for (JobRequest& request : requests) {
    if (request.call.retention != Duration::zero()) continue;
    request.call.retention = std::max(retention_, request.defaults.retention);
  }
  return Batch::submit_all(std::move(requests), bulk);
}

Workflow::Scoped Workflow::with(CallOptions options) { return {*this, std::move(options)}; }

Workflow::Scoped::Scoped(Workflow& target, CallOptions options)
    : Enqueuer::Scoped{target, std::move(options)}, Steps{static_cast<Enqueuer&>(*this)} {}

}  // namespace portfire
