#pragma once

// The handlers of one server, each with the filters that apply to it, found by name.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include <portfire/handlers.hpp>

#include "client/filter_chain.hpp"

namespace portfire::server {

struct BoundHandler {
  std::shared_ptr<const Handler> handler;
  FilterChain filters;
};

// Constant after construction. Threads: any.
class HandlerTable {
 public:
  HandlerTable(const Handlers& handlers, const FilterChain& filters);

  // Null when there is no handler of that name.
  [[nodiscard]] const BoundHandler* find(std::string_view name) const;

  [[nodiscard]] bool elects_released_jobs() const { return elects_released_jobs_; }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string_view, BoundHandler> by_name_;
  bool elects_released_jobs_;
};

}  // namespace portfire::server
