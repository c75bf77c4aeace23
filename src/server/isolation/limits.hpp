#pragma once

// What a job may use, in its own process.

#include <sys/resource.h>

#include <vector>

#include <portfire/isolation.hpp>

namespace portfire::server::isolation {

// Sets the limits for the life of the object. Those that the system refuses are left as they are.
class AppliedLimits {
 public:
  explicit AppliedLimits(const ProcessLimits& limits);
  ~AppliedLimits();
  AppliedLimits(const AppliedLimits&) = delete;
  AppliedLimits& operator=(const AppliedLimits&) = delete;

 private:
  struct Before {
    int resource;
    rlimit limit;
  };
  void apply(int resource, rlim_t value);

  std::vector<Before> before_;
};

}  // namespace portfire::server::isolation
