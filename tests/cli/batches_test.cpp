// Batches, as the commands about jobs show and change them.

#include <portfire/batch.hpp>
#include <portfire/client.hpp>

#include "cli/program.hpp"

namespace portfire::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr Job<void()> work{"work"};

class Batches : public StorageTest {
 protected:
  void SetUp() override {
    StorageTest::SetUp();
    Client client{storage()};
    const Creation batch = client.batch("import", [this](Batch& made) {
      member_ = to_string(made.enqueue(work).id);
      made.schedule(work, std::chrono::hours{1});
    });
    batch_ = to_string(batch.id);
    client.enqueue(work);
  }

  std::string batch_;
  std::string member_;
};

TEST_F(Batches, AreShownWithTheirMembers) {
  EXPECT_EQ(shown(batch_)["state"], "BatchStarted");
  EXPECT_EQ(shown(batch_)["members"],
            nlohmann::json({{"total", 2}, {"outstanding", 2}, {"succeeded", 0}}));
  EXPECT_EQ(shown(member_)["batch"], batch_);
  EXPECT_EQ(shown(member_)["members"], nullptr);
  EXPECT_EQ(run({"jobs", "delete", member_}).code, 0);
  EXPECT_THAT(run({"jobs", "show", batch_}).out,
              AllOf(HasSubstr("1 of 2 ended, 50 %; 1 of them did not succeed; about "),
                    HasSubstr(" left")));
  EXPECT_THAT(run({"jobs", "show", member_}).out, HasSubstr("in batch"));
}

TEST_F(Batches, FilterAList) {
  const auto all = json_of({"jobs", "list", "--batch", batch_});
  ASSERT_EQ(all["jobs"].size(), 2U);
  EXPECT_EQ(all["jobs"][1]["id"], member_);
  EXPECT_EQ(json_of({"jobs", "list", "--batch", batch_, "--state", "Enqueued"})["jobs"].size(), 1U);
  EXPECT_EQ(run({"jobs", "list", "--batch", "nonsense"}).code, 2);
}

TEST_F(Batches, CannotBeRequeued) {
  EXPECT_THAT(run({"jobs", "requeue", batch_}).err, HasSubstr("is a batch, which cannot be run"));
  EXPECT_EQ(json_of({"jobs", "requeue", batch_}, 1)["jobs"][0]["status"], "is_batch");
}

}  // namespace
}  // namespace portfire::cli
