#include <portfire/enqueuer.hpp>

#include <portfire/error.hpp>

namespace portfire {

namespace {

JobRequest raw_request(std::string name, std::string_view arguments, State state) {
  nlohmann::json array;
  try {
    array = nlohmann::json::parse(arguments);
  } catch (const nlohmann::json::exception& error) {
    throw UsageError{"the arguments of \"" + name + "\" are not JSON: " + error.what()};
  }
  if (!array.is_array()) {
    throw UsageError{"the arguments of \"" + name +
                     "\" must be a JSON array such as [\"text\", 7], but are " +
                     std::string{array.type_name()}};
  }
  return {.name = std::move(name),
          .arguments = detail::dump(array, "an argument"),
          .state = std::move(state)};
}

// What the call itself says takes precedence.
void fill_in(CallOptions& call, const CallOptions& defaults) {
  if (call.queue.empty()) call.queue = defaults.queue;
  if (call.priority == unset) call.priority = defaults.priority;
  if (call.unique.key.empty()) call.unique = defaults.unique;
  if (call.attempts == unset) call.attempts = defaults.attempts;
  if (call.timeout == Duration::zero()) call.timeout = defaults.timeout;
  if (call.retention == Duration::zero()) call.retention = defaults.retention;
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

Enqueuer::Scoped Enqueuer::with(CallOptions options) { return {*this, std::move(options)}; }

std::vector<Creation> Enqueuer::Scoped::submit_all(std::vector<JobRequest> requests, Bulk bulk) {
  for (JobRequest& request : requests) fill_in(request.call, options_);
  return target_.submit_all(std::move(requests), bulk);
}

}  // namespace portfire
