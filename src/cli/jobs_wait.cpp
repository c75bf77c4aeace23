#include <memory>
#include <ostream>

#include "cli/command_line.hpp"
#include "cli/job_json.hpp"
#include "cli/text.hpp"

namespace portfire::cli {

namespace {

struct WaitWords {
  std::vector<std::string> ids;
  std::string timeout;
};

ExitCode code_of(const Waited& waited) {
  if (!waited.job) return ExitCode::not_found;
  if (!waited.ended) return ExitCode::timed_out;
  return waited.job->state == state_names::succeeded ? ExitCode::ok : ExitCode::failed;
}

void tell(const Session& session, JobId id, const Waited& waited) {
  if (!waited.job) {
    session.complain("there is no job " + to_string(id) + " (any more)");
  } else if (!waited.ended) {
    session.complain("job " + to_string(id) + " is still " + waited.job->state);
  } else if (!session.json) {
    const std::string& shown = waited.job->result.empty() ? waited.job->reason : waited.job->result;
    session.out() << to_string(id) << "  " << waited.job->state;
    if (!shown.empty()) session.out() << "  " << one_line(shown, std::string::npos);
    session.out() << '\n';
  }
}

Json to_json(JobId id, const Waited& waited) {
  const auto& job = waited.job;
  return {{"id", to_string(id)},
          {"ended", waited.ended},
          {"state", job ? Json(job->state) : Json(nullptr)},
          {"reason", job ? Json(job->reason) : Json(nullptr)},
          {"result", job ? stored_json(job->result) : Json(nullptr)}};
}

ExitCode wait_for_jobs(const WaitWords& given, const Session& session) {
  const auto ids = read_job_ids("ID", given.ids);
  const bool has_deadline = !given.timeout.empty();
  const Duration timeout = has_deadline ? read_span("--timeout", given.timeout) : Duration::max();
  Client client = session.client();
  Runtime& runtime = *client.storage()->runtime();
  const SteadyPoint begin = runtime.steady_now();
  ExitCode code = ExitCode::ok;
  Json results = Json::array();
  for (const JobId id : ids) {
    // One deadline for all of them.
    const auto spent = std::chrono::floor<Duration>(runtime.steady_now() - begin);
    const Duration left =
        has_deadline ? std::max(Duration::zero(), timeout - spent) : Duration::max();
    const Waited waited = client.wait(id, left);
    tell(session, id, waited);
    code = worse(code, code_of(waited));
    results.push_back(to_json(id, waited));
  }
  if (session.json) session.print({{"jobs", std::move(results)}});
  return code;
}

}  // namespace

void add_jobs_wait(CommandLine& line, CLI::App& jobs) {
  auto given = std::make_shared<WaitWords>();
  CLI::App& app = line.command(
      jobs,
      {.name = "wait",
       .description = "Wait until jobs have come to rest; print how they ended",
       .examples = "  portfire jobs wait $ID --timeout 30s\n"
                   "  portfire jobs wait $(portfire enqueue build) && echo built",
       .notes = "At rest means Succeeded, Deleted, or Failed without a retry left. The exit code "
                "is 0 if all\nSucceeded, 1 if one ended otherwise, 5 if the time was up, 4 if one "
                "does not exist."},
      [given](Session& session) { return wait_for_jobs(*given, session); });
  app.add_option("ID", given->ids, "Ids of the jobs")->required()->type_name("");
  app.add_option("--timeout", given->timeout, "At most this long for all of them (for ever)")
      ->type_name("SPAN");
}

}  // namespace portfire::cli
