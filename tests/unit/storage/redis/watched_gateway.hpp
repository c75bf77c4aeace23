#pragma once

#include <atomic>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/redis/gateway.hpp"

namespace portfire::redis {

// A gateway whose scripts a test holds up, or lets fail.
class WatchedGateway final : public Gateway {
 public:
  explicit WatchedGateway(Gateway& real) : real_{real} {}

  Reply command(std::span<const std::string_view> words, Lane lane) override {
    return real_.command(words, lane);
  }
  Reply run(const ScriptCall& call, Lane lane) override {
    const int number = ++calls;
    before(number);
    Reply reply = real_.run(call, lane);
    after(number);
    return reply;
  }
  std::vector<Reply> run_all(std::span<const ScriptCall> all, Lane lane) override {
    return real_.run_all(all, lane);
  }
  [[nodiscard]] const std::vector<std::string>& warnings() const override {
    return real_.warnings();
  }
  [[nodiscard]] std::string description() const override { return real_.description(); }

  std::atomic<int> calls{0};
  std::function<void(int)> before = [](int) {};
  std::function<void(int)> after = [](int) {};

 private:
  Gateway& real_;
};

}  // namespace portfire::redis
