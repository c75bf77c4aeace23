// What becomes of a stack: from a handler's throw to the job's history.

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>
#include <portfire/stack_traces.hpp>

namespace acme {
namespace {

using namespace std::chrono_literals;

using ::testing::HasSubstr;
using ::testing::Not;

constexpr portfire::Job<void()> work{"work"};
constexpr portfire::Job<void(int)> deep{"deep"};

[[gnu::noinline]] void read_order() { throw std::invalid_argument{"no such order"}; }

[[gnu::noinline]] void handle_order() {
  try {
    read_order();
  } catch (...) {
    std::throw_with_nested(std::runtime_error{"the order cannot be handled"});
  }
}

[[gnu::noinline]] int descend(int more) {
  if (more == 0) throw std::runtime_error{"deep"};
  return descend(more - 1) + 1;
}

class StackHistory : public ::testing::Test {
 protected:
  StackHistory() {
    handlers_.on(work, [] { handle_order(); });
    handlers_.on(deep, [](int depth) { descend(depth); });
  }
  nlohmann::json failure(std::shared_ptr<portfire::StackTracer> tracer, std::string name,
                         std::string_view arguments) {
    const auto storage = portfire::memory::open();
    portfire::Client client{storage, {.log = portfire::silent_sink()}};
    portfire::Server server{storage,
                            handlers_,
                            {.workers = 1,
                             .retry = {.attempts = 0},
                             .stack_tracer = std::move(tracer),
                             .log = portfire::silent_sink()}};
    server.start();
    const auto job = client.wait(client.enqueue_raw(std::move(name), arguments), 1min).job;
    return nlohmann::json::parse(job->data);
  }

  portfire::Handlers handlers_;
};

TEST_F(StackHistory, HasTheStacksOfAFailureAndOfWhatIsNestedInIt) {
  const auto data = failure(portfire::stack_traces(), "work", "[]");
  EXPECT_EQ(data["type"], "std::runtime_error");
  ASSERT_TRUE(data.contains("stack")) << data;
  EXPECT_THAT(data["stack"][0].get<std::string>(), HasSubstr("handle_order()"));
  EXPECT_THAT(data["stack"][0].get<std::string>(), HasSubstr("history_test.cpp:"));
  const auto& nested = data["nested"][0];
  EXPECT_EQ(nested["type"], "std::invalid_argument");
  EXPECT_THAT(nested["stack"][0].get<std::string>(), HasSubstr("read_order()"));
  EXPECT_THAT(nested["stack"][1].get<std::string>(), HasSubstr("handle_order()"));
  // The server's own frames are left out.
  EXPECT_THAT(data["stack"].dump(), Not(HasSubstr("WorkerPool")));
  EXPECT_THAT(data["stack"].dump(), Not(HasSubstr("portfire::server")));
  EXPECT_THAT(data["stack"].back().get<std::string>(), HasSubstr("lambda")) << data["stack"];
}

TEST_F(StackHistory, WithoutATracerThereIsNone) {
  const auto data = failure(nullptr, "work", "[]");
  EXPECT_EQ(data["message"], "the order cannot be handled");
  EXPECT_FALSE(data.contains("stack")) << data;
  EXPECT_FALSE(data["nested"][0].contains("stack"));
}

TEST_F(StackHistory, StaysWithinItsBounds) {
  const auto data = failure(portfire::stack_traces(), "deep", "[10000]");
  ASSERT_TRUE(data.contains("stack"));
  EXPECT_LE(data["stack"].size(), 65U);
  EXPECT_LT(data.dump().size(), 20'000U);
  EXPECT_THAT(data["stack"][0].get<std::string>(), HasSubstr("descend(int)"));
}

}  // namespace
}  // namespace acme
