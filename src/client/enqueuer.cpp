#include <portfire/enqueuer.hpp>

#include <portfire/error.hpp>
#include <portfire/workflow.hpp>

#include "client/creation.hpp"

namespace portfire {

namespace {

// What the call itself says takes precedence.
void fill_in(CallOptions& call, const CallOptions& defaults) {
  if (call.queue.empty()) call.queue = defaults.queue;
  if (call.priority == unset) call.priority = defaults.priority;
  if (call.unique.key.empty()) call.unique = defaults.unique;
  if (call.limit.key.empty() && call.sequence.key.empty()) {
    call.limit = defaults.limit;
    call.sequence = defaults.sequence;
  }
  if (call.tags.empty()) call.tags = defaults.tags;
  if (call.display_name.empty()) call.display_name = defaults.display_name;
  if (call.attempts == unset) call.attempts = defaults.attempts;
  if (call.timeout == Duration::zero()) call.timeout = defaults.timeout;
  if (call.start_within == Duration::zero()) call.start_within = defaults.start_within;
  if (call.retention == Duration::zero()) call.retention = defaults.retention;
  if (!call.batch) call.batch = defaults.batch;
  call.baggage.insert(defaults.baggage.begin(), defaults.baggage.end());
  call.parameters.insert(defaults.parameters.begin(), defaults.parameters.end());
}

}  // namespace

Creation Enqueuer::submit(JobRequest request) {
  std::vector<JobRequest> one;
  one.push_back(std::move(request));
  return std::move(submit_all(std::move(one), Bulk::all_or_nothing).front());
}

Creation Enqueuer::enqueue_raw(std::string name, std::string_view arguments) {
  return submit(raw_request(std::move(name), arguments, states::enqueued()));
}

Creation Enqueuer::schedule_raw(std::string name, std::string_view arguments, State scheduled) {
  return submit(raw_request(std::move(name), arguments, std::move(scheduled)));
}

Creation Enqueuer::continue_raw(std::string name, std::string_view arguments,
                                const Parents& parents) {
  JobRequest child = raw_request(std::move(name), arguments, states::awaiting());
  child.parents = parents.list();
  return submit(std::move(child));
}

Creation Enqueuer::batch(BatchOptions options, const std::function<void(Batch&)>& fill) {
  Batch batch{*this, options};
  fill(batch);
  return std::move(submit_all(batch.take(), Bulk::all_or_nothing).front());
}

Creation Enqueuer::batch(std::string description, const std::function<void(Batch&)>& fill) {
  return batch(BatchOptions{.description = std::move(description)}, fill);
}

Creation Enqueuer::workflow(BatchOptions options, const std::function<void(Workflow&)>& build) {
  Workflow workflow{*this, options};
  build(workflow);
  return std::move(submit_all(workflow.take(), Bulk::all_or_nothing).front());
}

Creation Enqueuer::workflow(std::string description, const std::function<void(Workflow&)>& build) {
  return workflow(BatchOptions{.description = std::move(description)}, build);
}

Enqueuer::Scoped Enqueuer::with(CallOptions options) { return {*this, std::move(options)}; }

std::vector<Creation> Enqueuer::Scoped::submit_all(std::vector<JobRequest> requests, Bulk bulk) {
  for (JobRequest& request : requests) fill_in(request.call, options_);
  return target_.submit_all(std::move(requests), bulk);
}

JobId Enqueuer::Scoped::new_id() { return target_.new_id(); }

}  // namespace portfire
