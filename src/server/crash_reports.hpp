#pragma once

// What crashed servers have left in a directory, told to the jobs that it is about: the one that
// crashed is blamed, all others go on as though nothing had been.

#include <memory>
#include <string>
#include <vector>

#include <portfire/background_process.hpp>

#include "crash/crash_file.hpp"
#include "server/handler_table.hpp"
#include "server/performer.hpp"

namespace portfire::server {

// Threads: one.
class CrashReports {
 public:
  // `filters` elect for jobs that this server has no handler for.
  CrashReports(std::string directory, std::uint32_t crash_limit,
               std::shared_ptr<StackTracer> tracer, const Performer& performer,
               const HandlerTable& handlers, const FilterChain& filters);

  // Deals with all records that are there, before their servers are reclaimed. What the storage
  // does not take now stays for the next call: returns the servers of these. What it will never
  // take is given up.
  const std::vector<ServerId>& settle(ProcessContext& context);

  // Somebody has still to deal with this server's record.
  [[nodiscard]] bool has_record(ServerId server) const {
    return crash::has_file(directory_, server);
  }

 private:
  struct Report;
  [[nodiscard]] Report report_of(crash::Record record) const;
  bool settle(ProcessContext& context, const crash::FoundRecord& found) const;
  bool tell_all(ProcessContext& context, const Report& report, ServerId server) const;
  bool tell(ProcessContext& context, const Report& report,
            const crash::RecordedExecution& running) const;
  bool store(ProcessContext& context, const Claimed& claimed, const Unit& unit) const;
  [[nodiscard]] Unit blame(const Report& report, const Claimed& claimed, bool is_culprit) const;
  [[nodiscard]] Unit unit_for(const Report& report, const Claimed& claimed, crash::Part part) const;

  const std::string directory_;
  const std::uint32_t crash_limit_;
  const std::shared_ptr<StackTracer> tracer_;
  const Performer& performer_;
  const HandlerTable& handlers_;
  const BoundHandler unknown_;
  std::vector<ServerId> unsettled_;  // by the last call
};

}  // namespace portfire::server
