// The cases that all engines share, on PostgreSQL.

#include "fault_cases/place.hpp"

#include <algorithm>

#include "faults/faults.hpp"

namespace portfire::faults {

namespace {

class PostgresPlace final : public Place {
 public:
  [[nodiscard]] std::vector<std::string> address() const override {
    return {installation_.url(), installation_.schema()};
  }
  [[nodiscard]] std::shared_ptr<Storage> open(const Reach& reach) const override {
    return installation_.open(options(reach));
  }
  [[nodiscard]] std::shared_ptr<Storage> open_through_gate(const Reach& reach) const override {
    return installation_.open_at(installation_.url_through(gate_), options(reach));
  }
  [[nodiscard]] TcpGate& gate() override { return gate_; }
  [[nodiscard]] CutSteps cut_steps(bool is_new) const override {
    return is_new ? CutSteps{149, 149} : CutSteps{37, 37};
  }

  [[nodiscard]] std::size_t jobs() const override { return std::stoul(installation_.count("job")); }

  void stop() override { installation_.server().stop(); }
  void start() override { installation_.server().start(); }
  void freeze() override { installation_.server().freeze(); }
  void thaw() override { installation_.server().thaw(); }

 private:
  static postgresql::Options options(const Reach& reach) {
    return {.max_connections = reach.max_connections,
            .listen = reach.listens,
            .answer_timeout = reach.answer_timeout,
            .maintenance_timeout = reach.answer_timeout};
  }

  const Installation installation_;
  TcpGate gate_{installation_.server().port()};
};

}  // namespace

std::unique_ptr<Place> Place::make() { return std::make_unique<PostgresPlace>(); }

std::shared_ptr<Storage> Place::open_at(const std::vector<std::string>& address) {
  return postgresql::open(address.at(0), {.schema = address.at(1)});
}

}  // namespace portfire::faults
