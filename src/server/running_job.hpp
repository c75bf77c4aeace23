#pragma once

// One execution while its handler runs.

#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <portfire/context.hpp>
#include <portfire/enqueuer.hpp>
#include <portfire/storage/storage.hpp>

#include "client/creation.hpp"
#include "server/handler_table.hpp"

namespace portfire::server {

// A claimed job that waits for a worker.
struct Claimed {
  Execution execution;
  const BoundHandler* handler = nullptr;
  SteadyPoint claimed_at;  // when the claim was answered
  ServerId server = {};    // under which id of this server
};

// What executions need of their server.
struct Surroundings {
  Storage& storage;
  Runtime& runtime;
  IdSource& ids;
  const FilterChain& filters;
  Duration retention;
};

// Owned by the worker that runs it. The stop and report members may be used by other threads as
// long as the job is in `ActiveJobs`.
class RunningJob {
 public:
  RunningJob(const Claimed& claimed, const Surroundings& surroundings, SteadyPoint started_at);
  virtual ~RunningJob();
  RunningJob(const RunningJob&) = delete;
  RunningJob& operator=(const RunningJob&) = delete;

  [[nodiscard]] const Execution& execution() const { return claimed_.execution; }
  [[nodiscard]] const Handler& handler() const { return *claimed_.handler->handler; }
  [[nodiscard]] SteadyPoint started_at() const { return started_at_; }
  [[nodiscard]] Duration start_delay() const;
  [[nodiscard]] Duration timeout() const { return timeout_; }

  // Any thread. The first reason stays.
  void trip(StopReason reason);
  [[nodiscard]] std::stop_token stop_token();
  [[nodiscard]] StopReason stop_reason() const;

  // Any thread: what the handler reports, and what of it has not been stored yet.
  virtual void set_progress(double fraction);
  virtual void add_line(ReportLine line);
  [[nodiscard]] std::optional<Report> take_report(bool with_start);

  // Threads of the handler: what is to be stored with the outcome.
  [[nodiscard]] std::optional<std::string> parameter(const std::string& name) const;
  virtual void set_parameter(const std::string& name, std::string text);
  [[nodiscard]] const std::vector<JobId>& parents() const;
  [[nodiscard]] virtual std::string parent_result(std::size_t index) const;
  // The stored ones, with the results of other jobs in their places; see `Context::arguments`.
  [[nodiscard]] const std::string& arguments() const;
  [[nodiscard]] std::map<std::string, std::string> baggage() const;
  [[nodiscard]] virtual Enqueuer& client();
  // Those stored, with what was set since.
  [[nodiscard]] std::map<std::string, std::string> all_parameters() const;
  // Stores, with the outcome, how often its process has crashed; zero: forgets it.
  void keep_crashes(std::uint32_t crashes);
  [[nodiscard]] std::map<std::string, std::optional<std::string>> take_parameters();
  [[nodiscard]] std::vector<NewJob> take_created();

 protected:
  static constexpr std::size_t longest_line = 10'000;

  // In a child process: whoever derives from this stands in for the surroundings.
  RunningJob(const Claimed& claimed, std::string arguments);

  // Throws UsageError.
  static void check_progress(double fraction);

 private:
  class Buffer;

  [[nodiscard]] const std::string* stored_parameter(const std::string& name) const;
  [[nodiscard]] std::string read_arguments() const;

  const Claimed& claimed_;
  const Surroundings* const surroundings_;  // null in a child process
  const SteadyPoint started_at_;
  const Duration timeout_;

  mutable std::mutex mutex_;
  std::map<std::string, std::optional<std::string>> parameters_;  // guarded by mutex_
  std::unique_ptr<Buffer> buffer_;                                // guarded by mutex_
  mutable std::optional<std::vector<JobId>> parents_;             // guarded by mutex_
  mutable std::optional<std::string> arguments_;                  // guarded by mutex_
  std::optional<std::stop_source> stop_;  // guarded by mutex_; made when first asked for
  StopReason reason_ = StopReason::none;  // guarded by mutex_
  std::optional<double> progress_;        // guarded by mutex_
  std::vector<ReportLine> lines_;         // guarded by mutex_
  std::uint64_t lines_added_ = 0;         // guarded by mutex_
  bool start_reported_ = false;           // guarded by mutex_
};

}  // namespace portfire::server
