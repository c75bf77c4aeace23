// Workflows, as the command draws them.

#include <portfire/client.hpp>
#include <portfire/workflow.hpp>

#include "cli/program.hpp"

namespace portfire::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Graphs : public StorageTest {
 protected:
  void SetUp() override {
    StorageTest::SetUp();
    constexpr Job<int(std::string)> count{"count"};
    constexpr Job<void(int)> report{"report"};
    Client client{storage()};
    workflow_ = to_string(client
                              .workflow("drawn",
                                        [&](Workflow& flow) {
                                          const auto rows = flow.step(count, "a.csv");
                                          first_ = to_string(rows.id());
                                          last_ = to_string(flow.step(report, rows).id());
                                        })
                              .id);
  }

  std::string workflow_;
  std::string first_;
  std::string last_;
};

TEST_F(Graphs, AreDrawn) {
  const std::string text = run({"jobs", "graph", workflow_}).out;
  EXPECT_THAT(text, StartsWith("flowchart LR\n"
                               "  s0[\"count<br/>Enqueued\"]:::waiting\n"
                               "  s1[\"report<br/>Awaiting\"]:::waiting\n"
                               "  s0 -->|argument 1| s1\n"));
}

TEST_F(Graphs, AreGivenToPrograms) {
  const auto graph = json_of({"jobs", "graph", workflow_});
  EXPECT_EQ(graph["workflow"]["state"], "BatchStarted");
  ASSERT_EQ(graph["steps"].size(), 2U);
  EXPECT_EQ(graph["steps"][0]["id"], first_);
  EXPECT_EQ(graph["edges"], nlohmann::json::parse(R"([{"from": ")" + first_ + R"(", "to": ")" +
                                                  last_ + R"(", "argument": 0}])"));
}

TEST_F(Graphs, AreOfBatchesAlone) {
  const auto answer = run({"jobs", "graph", first_});
  EXPECT_EQ(answer.code, 4);
  EXPECT_THAT(answer.err, HasSubstr("there is no batch " + first_));
}

}  // namespace
}  // namespace portfire::cli
