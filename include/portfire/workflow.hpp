#pragma once

/// Workflows: jobs whose results flow into one another.
///
///     BatchId report = client.workflow("report", [](Workflow& flow) {
///       Step<Orders> orders = flow.step<&load_orders>(2026);
///       Step<Orders> refunds = flow.step<&load_refunds>(2026);
///       flow.step<&mail_report>(orders, refunds, "ann@example.com");
///     });
///
/// A workflow is a batch, created in one step like any other; see `<portfire/batch.hpp>`. Its steps
/// are jobs: each waits for the steps whose results it takes, which its handler then finds in the
/// places of the arguments that they were given for. A step cannot be named before it has been
/// added, so there are no cycles. A step that fails holds up only those behind it: once it has been
/// requeued and succeeds, they go on. Deleting it deletes them.
///
/// Ownership and threads: as of `Batch`. Errors: as of `Enqueuer`; a result of the wrong type, and
/// one given for a parameter that it does not fit, do not compile.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <portfire/batch.hpp>
#include <portfire/step.hpp>
#include <portfire/storage/storage.hpp>

namespace portfire {

/// The verbs that add steps: of `Workflow` and of `workflow.with(…)`.
///
/// An argument is a value, as in `enqueue`, or a step whose result fits the parameter: the same
/// type, a number without narrowing, or what a `std::optional` or `nlohmann::json` takes. For a
/// parameter that is a `std::vector`, a vector of steps gives one element each.
class Steps {
 public:
  template <auto Function, class... Arguments>
  auto step(Arguments&&... arguments) {
    return step(job<Function>, std::forward<Arguments>(arguments)...);
  }
  template <class Signature, class... Arguments>
  auto step(const Job<Signature>& job, Arguments&&... arguments) {
    return add(job, {}, std::forward<Arguments>(arguments)...);
  }

  /// Waits for `parents` besides: `flow.step_after<&clean_up>(mail)`,
  /// `flow.step_after<&alert>(on_failed(mail), "text")`.
  template <auto Function, class... Arguments>
  auto step_after(const Parents& parents, Arguments&&... arguments) {
    return step_after(job<Function>, parents, std::forward<Arguments>(arguments)...);
  }
  template <class Signature, class... Arguments>
  auto step_after(const Job<Signature>& job, const Parents& parents, Arguments&&... arguments) {
    return add(job, parents.list(), std::forward<Arguments>(arguments)...);
  }

 protected:
  explicit Steps(Enqueuer& to) : to_{to} {}
  ~Steps() = default;

 private:
  template <class Signature, class... Arguments>
  auto add(const Job<Signature>& job, std::vector<Parent> parents, Arguments&&... arguments) {
    using Stored = typename Job<Signature>::Signature::Stored;
    detail::StepInputs inputs{std::move(parents)};
    JobRequest request{
        .name = std::string{job.name},
        .arguments = detail::encode_step<Stored>(inputs, std::forward<Arguments>(arguments)...),
        .defaults = job.options};
    return Step<detail::ResultOf<Signature>>{submit(std::move(request), std::move(inputs))};
  }
  JobId submit(JobRequest request, detail::StepInputs inputs);

  Enqueuer& to_;
};

/// Collects the steps; the verbs of `Batch` work beside its own.
class Workflow final : public Batch, public Steps {
 public:
  class Scoped;

  /// For `Enqueuer::workflow`, which makes one.
  Workflow(Enqueuer& target, const BatchOptions& options);

  /// Steps are kept as long as the workflow, if the call does not say otherwise: their results are
  /// read when later steps start.
  std::vector<Creation> submit_all(std::vector<JobRequest> requests, Bulk bulk) override;

  /// The same verbs with options for the calls made through it. It refers to this object.
  [[nodiscard]] Scoped with(CallOptions options);

 private:
  const Duration retention_;
};

/// What `Workflow::with` returns.
class Workflow::Scoped final : public Enqueuer::Scoped, public Steps {
 public:
  Scoped(Workflow& target, CallOptions options);
};

/// A workflow, or any batch, as it is now, for drawing.
struct WorkflowGraph {
  struct Edge {
    JobId from;
    JobId to;
    /// For which argument, from 0, the result is used; absent when one only waits for the other.
    std::optional<std::size_t> argument = std::nullopt;

    friend bool operator==(const Edge&, const Edge&) = default;
  };

  JobDetails workflow;
  std::vector<JobDetails> steps;  ///< oldest first; those whose retention has passed are missing
  std::vector<Edge> edges;        ///< by `to`, in the order in which parents were named
};

/// Reads a workflow with up to `most_steps` of its steps, one question to the storage each. Absent
/// when there is no batch of that id (any more). Throws `StorageError`.
std::optional<WorkflowGraph> read_workflow(Storage& storage, BatchId id,
                                           std::size_t most_steps = 1000);

/// The graph in the language of Mermaid, which many viewers of Markdown draw.
std::string to_mermaid(const WorkflowGraph& graph);

}  // namespace portfire
