#pragma once

// Removes what has been kept long enough.

#include <portfire/background_process.hpp>

namespace portfire::server {

class Expirer final : public BackgroundProcess {
 public:
  [[nodiscard]] std::string_view name() const override { return "expirer"; }

  Duration run_once(ProcessContext& context) override {
    constexpr std::size_t most_per_step = 1000;
    constexpr std::chrono::seconds interval{15};
    // With pauses, so that a mountain of old jobs never keeps new ones waiting.
    const ExpireResult result = context.storage.jobs().expire(most_per_step);
    return result.more ? Duration{std::chrono::milliseconds{5}} : Duration{interval};
  }
};

}  // namespace portfire::server
