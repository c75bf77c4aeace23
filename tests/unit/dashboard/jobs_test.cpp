// Jobs, seen through the API.

#include "unit/dashboard/dashboard_fixture.hpp"

namespace portfire::dashboard {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class JobsApi : public DashboardTest {};

TEST_F(JobsApi, ListsWhatPassesTheFilters) {
  const JobId ready = client().with({.queue = "mail"}).enqueue_raw("work", "[1]");
  client().schedule_raw("work", R"(["needle in hay"])", states::scheduled(1h));
  EXPECT_THAT(get("jobs").json.at("jobs"), SizeIs(2));
  const auto by_queue = get("jobs?queue=mail").json;
  ASSERT_THAT(by_queue.at("jobs"), SizeIs(1));
  EXPECT_EQ(by_queue.at("jobs")[0].at("id"), to_string(ready));
  EXPECT_EQ(by_queue.at("jobs")[0].at("arguments"), "[1]");
  EXPECT_EQ(by_queue.at("next"), nullptr);
  EXPECT_THAT(get("jobs?state=Scheduled").json.at("jobs"), SizeIs(1));
  EXPECT_THAT(get("jobs?text=NEEDLE").json.at("jobs"), SizeIs(1));
  EXPECT_THAT(get("jobs?name=other").json.at("jobs"), SizeIs(0));
}

TEST_F(JobsApi, GoesOnBehindTheCursor) {
  for (int i = 0; i < 5; ++i) client().enqueue_raw("work", "[" + std::to_string(i) + "]");
  const auto first = get("jobs?state=Enqueued&limit=3").json;
  EXPECT_THAT(first.at("jobs"), SizeIs(3));
  const auto second =
      get("jobs?state=Enqueued&limit=3&cursor=" + first.at("next").get<std::string>()).json;
  EXPECT_THAT(second.at("jobs"), SizeIs(2));
  EXPECT_EQ(second.at("next"), nullptr);
}

TEST_F(JobsApi, RefusesWhatItCannotRead) {
  for (const char* path :
       {"jobs?limit=0", "jobs?limit=1001", "jobs?limit=ten", "jobs?stat=Failed",
        "jobs?created_from=yesterday", "jobs?batch=x", "jobs?server=1", "jobs?cursor=x",
        "jobs?attempts_at_least=-1", "jobs?duration_at_least_us=1e3", "jobs?state=a&state=b"}) {
    EXPECT_EQ(get(path).status, 400) << path;
  }
}

TEST_F(JobsApi, ShowsAJobWhole) {
  const JobId id = client().enqueue_raw("work", "[9007199254740993]");
  const JobId child = client().continue_raw("after", "[]", {id});
  let_run(id);
  const auto job = get("jobs/" + to_string(id)).json;
  EXPECT_EQ(job.at("state"), "Succeeded");
  EXPECT_EQ(job.at("call"), "work(9007199254740993)") << "no number is rounded";
  EXPECT_EQ(job.at("result"), "42");
  EXPECT_EQ(job.at("history").size(), 3U);
  EXPECT_THAT(job.at("explanation")[0].get<std::string>(), HasSubstr("kept for another"));
  const auto other = get("jobs/" + to_string(child)).json;
  EXPECT_THAT(other.at("explanation").dump(), HasSubstr("No server is running"));
}

TEST_F(JobsApi, ShowsRelatives) {
  const JobId parent = client().enqueue_raw("work", "[1]");
  const JobId child = client().continue_raw("work", "[2]", on_failed(parent));
  const auto shown = get("jobs/" + to_string(child)).json;
  ASSERT_THAT(shown.at("parents"), SizeIs(1));
  EXPECT_EQ(shown.at("parents")[0].at("on"), "failed");
  EXPECT_EQ(shown.at("parents")[0].at("state"), "Enqueued");
  EXPECT_EQ(get("jobs/" + to_string(parent)).json.at("children")[0].at("id"), to_string(child));
  const auto graph = get("jobs/" + to_string(parent) + "/graph").json;
  EXPECT_THAT(graph.at("nodes"), SizeIs(2));
  ASSERT_THAT(graph.at("edges"), SizeIs(1));
  EXPECT_EQ(graph.at("edges")[0].at("to"), to_string(child));
}

TEST_F(JobsApi, ShowsABatchWithItsMembers) {
  const BatchId batch = client().batch("import", [](Batch& fill) {
    fill.enqueue_raw("work", "[1]");
    fill.enqueue_raw("work", "[2]");
  });
  const auto shown = get("jobs/" + to_string(batch)).json;
  EXPECT_EQ(shown.at("state"), "BatchStarted");
  EXPECT_EQ(shown.at("members").at("total"), 2);
  EXPECT_EQ(shown.at("is_workflow"), false);
  EXPECT_THAT(get("jobs/" + to_string(batch) + "/graph").json.at("nodes"), SizeIs(2));
  EXPECT_THAT(get("jobs?batch=" + to_string(batch)).json.at("jobs"), SizeIs(2));
}

TEST_F(JobsApi, ShowsTheErrorOfAFailedJob) {
  const JobId id = client().enqueue_raw("fail", "[7]");
  let_run(id);
  const auto job = get("jobs/" + to_string(id)).json;
  EXPECT_EQ(job.at("state"), "Failed");
  const auto data = nlohmann::json::parse(job.at("data").get<std::string>());
  EXPECT_EQ(data.at("type"), "std::runtime_error");
  EXPECT_EQ(data.at("message"), "boom 7 at 'place'");
  EXPECT_THAT(get("jobs?error=BOOM").json.at("jobs"), SizeIs(1));
  EXPECT_THAT(job.at("explanation").dump(), HasSubstr("until somebody requeues"));
}

TEST_F(JobsApi, GroupsFailures) {
  JobId last;
  for (int i = 0; i < 3; ++i) last = client().enqueue_raw("fail", "[" + std::to_string(i) + "]");
  let_run(last);
  client().wait(last, 1min);
  const auto failures = get("failures").json;
  ASSERT_THAT(failures.at("groups"), SizeIs(1));
  const auto& group = failures.at("groups")[0];
  EXPECT_EQ(group.at("signature"), "boom # at '…'");
  EXPECT_EQ(group.at("name"), "fail");
  EXPECT_EQ(group.at("trend").size(), 24U);
  EXPECT_EQ(group.at("trend")[23], group.at("count"));
  const auto of_group = get("jobs?failure=" + group.at("key").get<std::string>()).json;
  EXPECT_EQ(of_group.at("jobs").size(), group.at("count").get<std::size_t>());
  EXPECT_THAT(get("jobs?failure=0000000000000000").json.at("jobs"), SizeIs(0));
  EXPECT_THAT(get("failures?name=work").json.at("groups"), SizeIs(0));
  // What was asked for stays in the filter of the group, so that nothing else is retried by it.
  const auto asked = get("failures?name=fail&since_from=2020-01-01T00:00:00Z").json;
  EXPECT_EQ(
      asked.at("groups")[0].at("filter"),
      (nlohmann::json{
          {"failure", group.at("key")}, {"name", "fail"}, {"since_from", "2020-01-01T00:00:00Z"}}));
}

TEST_F(JobsApi, UnknownJobsAreNotFound) {
  for (const char* path : {"jobs/01930f3c-8e4b-7c21-9a55-0123456789ab", "jobs/x",
                           "jobs/01930f3c-8e4b-7c21-9a55-0123456789ab/graph", "jobs/%3Cb%3E"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
  EXPECT_THAT(get("jobs/01930f3c-8e4b-7c21-9a55-0123456789ab/log").json.at("lines"), SizeIs(0));
}

TEST_F(JobsApi, LongArgumentsAreCutInListsOnly) {
  const std::string text(1'000'000, 'x');
  const JobId id = client().enqueue_raw("work", "[\"" + text + "\"]");
  const auto page = get("jobs").json;
  EXPECT_LE(page.at("jobs")[0].at("arguments").get<std::string>().size(), 4096U);
  EXPECT_EQ(page.at("jobs")[0].at("arguments_cut"), true);
  EXPECT_LE(get("jobs/" + to_string(id)).response.body.size(), 800'000U);
}

TEST_F(JobsApi, LeavesHostileTextAsText) {
  const std::string evil = "<script>alert(1)</script>";
  const JobId id = client().with({.tags = {evil}}).enqueue_raw(evil, "[\"" + evil + "\"]");
  const Answer answer = get("jobs/" + to_string(id));
  EXPECT_EQ(answer.json.at("name"), evil);
  EXPECT_EQ(answer.response.header("Content-Type"), "application/json");
  EXPECT_EQ(answer.response.header("X-Content-Type-Options"), "nosniff");
  EXPECT_THAT(std::string{answer.response.header("Content-Security-Policy")},
              HasSubstr("script-src 'self'"));
}

TEST_F(JobsApi, HidesWhatIsToBeHidden) {
  configure({.redact = {R"re("password"\s*:\s*"([^"]*)")re", "[0-9]{16}"}});
  const JobId id = client()
                       .with({.parameters = {{"card", "1234123412341234"}}})
                       .enqueue_raw("login", R"([{"user":"ann","password":"tiger"}])");
  for (const std::string& path : {std::string{"jobs"}, "jobs/" + to_string(id)}) {
    const std::string body = get(path).response.body;
    EXPECT_THAT(body, AllOf(HasSubstr("ann"), Not(HasSubstr("tiger"))));
    EXPECT_THAT(body, Not(HasSubstr("1234123412341234")));
  }
  EXPECT_EQ(get("jobs?text=tiger").status, 403) << "nor can it be found out by searching";
  EXPECT_EQ(get("jobs?error=tiger").status, 403);
  EXPECT_THROW(configure({.redact = {"(open"}}), UsageError);
}

TEST_F(JobsApi, HidesInNamesSignaturesAndKeysAsWell) {
  configure({.redact = {R"re(boom \d+ at '(\w+)')re", R"re("pin":"(\d+)")re"}});
  const JobId failed = client()
                           .with({.unique = {R"("pin":"4711")"},
                                  .tags = {R"("pin":"4711")"},
                                  .display_name = "Login {0}"})
                           .enqueue_raw("fail", "[7]");
  let_run(failed);
  const std::string failures = get("failures").response.body;
  EXPECT_THAT(failures, AllOf(Not(HasSubstr("place")), HasSubstr("boom # at")));
  const auto key = get("failures").json.at("groups")[0].at("key").get<std::string>();
  EXPECT_THAT(get("jobs?failure=" + key).json.at("jobs"), SizeIs(1));
  EXPECT_THAT(get("jobs/" + to_string(failed)).response.body, Not(HasSubstr("4711")));
  const JobId login =
      client().with({.display_name = "Login {0}"}).enqueue_raw("login", R"([{"pin":"4711"}])");
  EXPECT_THAT(get("jobs/" + to_string(login)).response.body, Not(HasSubstr("4711")));
}

TEST_F(JobsApi, AddsTheSectionsOfTheProgram) {
  configure({.sections = [](const JobDetails& job) {
    return std::vector<DashboardSection>{{"Customer", "of " + job.name}};
  }});
  const JobId id = client().enqueue_raw("work", "[1]");
  EXPECT_EQ(get("jobs/" + to_string(id)).json.at("sections")[0].at("text"), "of work");
}

}  // namespace
}  // namespace portfire::dashboard
