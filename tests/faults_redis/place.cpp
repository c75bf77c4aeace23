// The cases that all engines share, on Redis.

#include "fault_cases/place.hpp"

#include "faults_redis/faults.hpp"

namespace portfire::faults {

namespace {

class RedisEnginePlace final : public Place {
 public:
  [[nodiscard]] std::vector<std::string> address() const override { return {installation_.url()}; }
  [[nodiscard]] std::shared_ptr<Storage> open(const Reach& reach) const override {
    return installation_.open(options(reach));
  }
  [[nodiscard]] std::shared_ptr<Storage> open_through_gate(const Reach& reach) const override {
    return installation_.open_through(gate_, options(reach));
  }
  [[nodiscard]] TcpGate& gate() override { return gate_; }
  [[nodiscard]] CutSteps cut_steps(bool is_new) const override {
    return is_new ? CutSteps{37, 5} : CutSteps{29, 3};
  }

  [[nodiscard]] std::size_t jobs() const override { return installation_.keys("j"); }

  void stop() override { installation_.server().stop(); }
  void start() override { installation_.server().start(); }
  void freeze() override { installation_.server().freeze(); }
  void thaw() override { installation_.server().thaw(); }

 private:
  static redis::Options options(const Reach& reach) {
    return {.max_connections = reach.max_connections,
            .answer_timeout = reach.answer_timeout,
            .listen = reach.listens};
  }

  const Installation installation_;
  TcpGate gate_{installation_.server().port()};
};

}  // namespace

std::unique_ptr<Place> Place::make() { return std::make_unique<RedisEnginePlace>(); }

std::shared_ptr<Storage> Place::open_at(const std::vector<std::string>& address) {
  return redis::open(address.at(0));
}

}  // namespace portfire::faults
