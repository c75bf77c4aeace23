#include <portfire/batch.hpp>

#include <utility>

#include <portfire/error.hpp>

#include "model/rules.hpp"

namespace portfire {

namespace {

JobRequest request_of_batch(JobId id, const BatchOptions& options) {
  if (options.after && options.batch) {
    for (const Parent& parent : options.after->list()) {
      if (parent.job != options.batch) continue;
      throw UsageError{"BatchOptions::after names batch " + to_string(options.batch) +
                       ", of which the new batch is to be a member: neither would ever end"};
    }
  }
  rules::check_span("BatchOptions::retention", options.retention, Duration::zero(),
                    std::chrono::hours{24 * 365 * 100});
  return {.name = std::string{rules::batch_name},
          .arguments = encode_value(std::vector{options.description}),
          .call = {.retention = options.retention, .batch = options.batch},
          .state = states::batch_started(),
          .id = id,
          .is_batch = true};
}

}  // namespace

Batch::Batch(Enqueuer& target, const BatchOptions& options)
    : target_{target}, after_{options.after ? options.after->list() : std::vector<Parent>{}} {
  requests_.push_back(request_of_batch(target.new_id(), options));
}

BatchId Batch::id() const { return requests_.front().id; }

std::vector<Creation> Batch::submit_all(std::vector<JobRequest> requests, Bulk /*bulk*/) {
  std::vector<Creation> creations;
  creations.reserve(requests.size());
  if (requests_.size() < requests.size()) requests_.reserve(requests_.size() + requests.size());
  for (JobRequest& request : requests) {
    if (!request.id) request.id = new_id();
    if (!request.call.batch) request.call.batch = id();
    const bool is_first = !request.is_batch && request.parents.empty();
    if (is_first && !after_.empty()) {
      request.parents = after_;
      request.when_met = std::exchange(request.state, states::awaiting());
    }
    creations.push_back({.id = request.id});
    requests_.push_back(std::move(request));
  }
  return creations;
}

JobId Batch::new_id() { return target_.new_id(); }

std::vector<JobRequest> Batch::take() { return std::move(requests_); }

}  // namespace portfire
