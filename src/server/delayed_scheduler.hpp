#pragma once

// Moves jobs on that have fallen due: by a timer on the next due time, never by polling.

#include <portfire/background_process.hpp>

#include "client/creation.hpp"
#include "server/handler_table.hpp"

namespace portfire::server {

class DelayedScheduler final : public BackgroundProcess {
 public:
  // Jobs of a kind without a handler here are elected by `filters` alone.
  DelayedScheduler(const HandlerTable& handlers, const FilterChain& filters, IdSource& ids,
                   Duration poll_interval)
      : handlers_{handlers}, filters_{filters}, ids_{ids}, poll_interval_{poll_interval} {}

  [[nodiscard]] std::string_view name() const override { return "scheduler"; }
  [[nodiscard]] std::vector<std::string> topics(ServerId) const override { return {topics::due()}; }
  Duration run_once(ProcessContext& context) override;

 private:
  void elect(const DueJob& due, ProcessContext& context) const;

  const HandlerTable& handlers_;
  const FilterChain& filters_;
  IdSource& ids_;
  const Duration poll_interval_;
};

}  // namespace portfire::server
