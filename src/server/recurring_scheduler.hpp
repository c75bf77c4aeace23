#pragma once

// Fires recurring jobs: at each occurrence a job and the bookkeeping in one unit, whoever else
// tries.

#include <optional>
#include <string>
#include <vector>

#include <portfire/background_process.hpp>

#include "client/creation.hpp"
#include "client/recurring_definition.hpp"

namespace portfire::server {

class RecurringScheduler final : public BackgroundProcess {
 public:
  // Fires definitions of jobs with these names, which are those that this server has handlers for.
  RecurringScheduler(std::vector<std::string> job_names, const FilterChain& filters, IdSource& ids,
                     Duration poll_interval)
      : job_names_{std::move(job_names)},
        filters_{filters},
        ids_{ids},
        poll_interval_{poll_interval} {}

  [[nodiscard]] std::string_view name() const override { return "recurring"; }
  [[nodiscard]] std::vector<std::string> topics(ServerId) const override {
    return {topics::recurring()};
  }
  Duration run_once(ProcessContext& context) override;

 private:
  // What one definition comes to this time.
  struct Step {
    Unit unit;
    std::vector<PreparedJob> prepared;  // also those that a filter stopped
    // For when the job of an earlier occurrence is in the way: this one is left out.
    RecurringRecord if_left_out;
  };

  // Returns how many definitions have moved on, by us or by others.
  std::size_t fire_all(const RecurringDue& due, ProcessContext& context);
  // Where it cannot be fired, what puts it off; nothing where a newer version has written it.
  std::optional<Step> step_or_delay(const RecurringRecord& record, TimePoint now,
                                    ProcessContext& context) const;
  // Throws what is wrong with the definition, and what filters throw.
  Step step_of(const RecurringRecord& record, TimePoint now, Storage& storage) const;
  void create_jobs(Step& step, const RecurringDefinition& definition, const std::string& id,
                   const std::vector<TimePoint>& occurrences) const;
  // The same occurrence is tried again later.
  Step postponed(const RecurringRecord& record, TimePoint now, const std::string& why) const;
  void tell_created(const Step& step, const CommitResult& result) const;

  const std::vector<std::string> job_names_;
  const FilterChain& filters_;
  IdSource& ids_;
  const Duration poll_interval_;
};

}  // namespace portfire::server
