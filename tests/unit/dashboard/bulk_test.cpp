// Changes of many jobs.

#include <atomic>
#include <future>

#include "unit/dashboard/dashboard_fixture.hpp"

namespace portfire::dashboard {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using Json = nlohmann::json;

class BulkApi : public DashboardTest {
 protected:
  void fill(int count, const std::string& name = "work") {
    for (int i = 0; i < count; ++i) client().enqueue_raw(name, "[" + std::to_string(i) + "]");
  }
  Json run(const Json& body) {
    const Answer answer = post("bulk", body);
    EXPECT_EQ(answer.status, 202) << answer.response.body;
    return ended_bulk(answer.json.at("id"));
  }
  std::size_t count(const std::string& state) {
    return get("jobs?limit=1000&state=" + state).json.at("jobs").size();
  }
};

TEST_F(BulkApi, ADryRunCountsAndChangesNothing) {
  fill(7);
  const Json bulk = run({{"action", "delete"}, {"filter", {{"name", "work"}}}, {"dry_run", true}});
  EXPECT_EQ(bulk.at("state"), "done");
  EXPECT_EQ(bulk.at("found"), 7);
  EXPECT_EQ(bulk.at("total"), 7);
  EXPECT_EQ(bulk.at("changed"), 0);
  EXPECT_EQ(count("Enqueued"), 7U);
  EXPECT_THAT(get("audit").json.at("entries"), SizeIs(0));
}

TEST_F(BulkApi, ChangesAllThatPassAFilter) {
  fill(1200);
  fill(3, "other");
  const Json bulk = run({{"action", "delete"},
                         {"filter", {{"name", "work"}, {"state", "Enqueued"}}},
                         {"reason", "a mistake"}});
  EXPECT_EQ(bulk.at("state"), "done");
  EXPECT_EQ(bulk.at("changed"), 1200);
  EXPECT_EQ(bulk.at("skipped"), 0);
  EXPECT_EQ(count("Enqueued"), 3U);
  const Json deed = get("audit").json.at("entries")[0];
  EXPECT_EQ(deed.at("action"), "bulk.delete");
  EXPECT_EQ(deed.at("target"), "state=Enqueued name=work");
  EXPECT_EQ(deed.at("outcome"), "done: 1200 changed, 0 skipped");
  EXPECT_EQ(deed.at("reason"), "a mistake");
}

TEST_F(BulkApi, DoesNotMeetWhatItHasChanged) {
  fill(30);
  // Requeued ones go to the tail of the same list.
  const Json bulk = run({{"action", "requeue"}, {"filter", {{"state", "Enqueued"}}}});
  EXPECT_EQ(bulk.at("changed"), 30);
}

TEST_F(BulkApi, ChangesListedJobsAndSkipsThoseThatAreGone) {
  const JobId one = client().enqueue_raw("work", "[1]");
  const Json bulk = run({{"action", "reschedule"},
                         {"ids", {to_string(one), "01930f3c-8e4b-7c21-9a55-0123456789ab"}},
                         {"delay_us", 60'000'000}});
  EXPECT_EQ(bulk.at("changed"), 1);
  EXPECT_EQ(bulk.at("skipped"), 1);
  EXPECT_EQ(count("Scheduled"), 1U);
  EXPECT_EQ(run({{"action", "move"}, {"ids", {to_string(one)}}, {"queue", "slow"}}).at("changed"),
            1);
  EXPECT_EQ(client().find(one)->queue, "slow");
}

TEST_F(BulkApi, RequeuesAGroupOfFailures) {
  const JobId failed = client().enqueue_raw("fail", "[1]");
  let_run(failed);
  const auto key = get("failures").json.at("groups")[0].at("key");
  const Json bulk = run({{"action", "requeue"}, {"filter", {{"failure", key}}}});
  EXPECT_EQ(bulk.at("changed"), 1);
  EXPECT_EQ(client().find(failed)->state, "Enqueued");
}

// Holds up the first change that it sees until it is let go.
class HoldingFilter final : public Filter {
 public:
  void electing(Election&) override {
    if (!held_.exchange(true)) let_go_.get_future().wait();
  }
  void let_go() { let_go_.set_value(); }

 private:
  std::atomic<bool> held_ = false;
  std::promise<void> let_go_;
};

TEST_F(BulkApi, CanBeCancelled) {
  fill(1200);
  const auto holding = std::make_shared<HoldingFilter>();
  configure({.client = {.filters = {holding}}});
  const Answer started = post("bulk", {{"action", "delete"}, {"filter", {{"name", "work"}}}});
  const std::string id = started.json.at("id");
  EXPECT_EQ(post("bulk/" + id + "/cancel").json.at("state"), "running");
  holding->let_go();
  const Json bulk = ended_bulk(id);
  EXPECT_EQ(bulk.at("state"), "cancelled");
  EXPECT_LE(bulk.at("changed"), 500) << "no further than the jobs at hand";
  EXPECT_GE(count("Enqueued"), 700U);
  EXPECT_THAT(get("audit?action=bulk.cancel").json.at("entries"), SizeIs(1));
}

TEST_F(BulkApi, RefusesWhatItCannotRead) {
  for (const Json& body :
       {Json{{"action", "explode"}, {"ids", Json::array()}}, Json{{"action", "delete"}},
        Json{{"action", "delete"}, {"ids", Json::array()}, {"filter", Json::object()}},
        Json{{"action", "delete"}, {"ids", {"x"}}}, Json{{"action", "delete"}, {"ids", "x"}},
        Json{{"action", "delete"}, {"filter", {{"stat", "Failed"}}}},
        Json{{"action", "delete"}, {"filter", {{"limit", "1"}}}},
        Json{{"action", "move"}, {"ids", Json::array()}},
        Json{{"action", "delete"}, {"filter", Json::object()}, {"dry_run", "yes"}}}) {
    EXPECT_EQ(post("bulk", body).status, 400) << body;
  }
  EXPECT_EQ(get("bulk/99").status, 404);
  EXPECT_EQ(post("bulk/99/cancel").status, 404);
}

}  // namespace
}  // namespace portfire::dashboard
