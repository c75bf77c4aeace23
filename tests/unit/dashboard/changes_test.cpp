// Changes through the API: what they do, who may, and what the audit log says.

#include "unit/dashboard/dashboard_fixture.hpp"

namespace portfire::dashboard {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using Json = nlohmann::json;

constexpr const char* unknown_id = "01930f3c-8e4b-7c21-9a55-0123456789ab";

class ChangesApi : public DashboardTest {
 protected:
  std::string state_of(JobId id) { return client().find(id)->state; }
  Json latest_deed() { return get("audit?limit=1").json.at("entries").at(0); }
};

TEST_F(ChangesApi, ChangesAJobAndSaysSoInHistoryAndAudit) {
  const JobId id = client().enqueue_raw("work", "[1]");
  const std::string path = "jobs/" + to_string(id);
  EXPECT_EQ(post(path + "/delete", {{"reason", "sent twice"}}).json.at("status"), "changed");
  EXPECT_EQ(state_of(id), "Deleted");
  EXPECT_EQ(client().find(id)->reason, "sent twice (local, in the dashboard)");
  const Json deed = latest_deed();
  EXPECT_EQ(deed.at("actor"), "local");
  EXPECT_EQ(deed.at("action"), "jobs.delete");
  EXPECT_EQ(deed.at("target"), to_string(id));
  EXPECT_EQ(deed.at("reason"), "sent twice");
  EXPECT_EQ(deed.at("outcome"), "done");
  EXPECT_EQ(post(path + "/requeue").status, 200);
  EXPECT_EQ(state_of(id), "Enqueued");
  EXPECT_EQ(post(path + "/reschedule", {{"delay_us", 3'600'000'000}}).status, 200);
  EXPECT_EQ(state_of(id), "Scheduled");
  EXPECT_EQ(post(path + "/move", {{"queue", "slow"}}).status, 200);
  EXPECT_EQ(client().find(id)->queue, "slow");
}

TEST_F(ChangesApi, RefusesAChangeOfWhatHasMovedOn) {
  const JobId id = client().enqueue_raw("work", "[1]");
  const Answer answer = post("jobs/" + to_string(id) + "/requeue", {{"from", "Failed"}});
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.detail(), "The job is Enqueued now, so it was left alone");
  EXPECT_EQ(latest_deed().at("outcome"), "refused: state_mismatch");
  EXPECT_EQ(post(std::string{"jobs/"} + unknown_id + "/requeue").status, 404);
}

TEST_F(ChangesApi, RefusesWhatItCannotRead) {
  const std::string path = "jobs/" + to_string(client().enqueue_raw("work", "[1]").id);
  EXPECT_EQ(post(path + "/reschedule").status, 400);
  EXPECT_EQ(post(path + "/reschedule", {{"delay_us", 1}, {"at", "2026-11-21T09:00:00Z"}}).status,
            400);
  EXPECT_EQ(post(path + "/reschedule", {{"delay_us", -1}}).status, 400);
  EXPECT_EQ(post(path + "/reschedule", {{"delay_us", 1.5}}).status, 400);
  EXPECT_EQ(post(path + "/reschedule", {{"at", "soon"}}).status, 400);
  EXPECT_EQ(post(path + "/move", {{"queue", "No Such"}}).status, 400);
  EXPECT_EQ(post(path + "/requeue", {{"reasn", "x"}}).status, 400);
  EXPECT_EQ(post(path + "/requeue", {{"reason", 7}}).status, 400);
  EXPECT_EQ(post(path + "/requeue", Json::array()).status, 400);
  HttpRequest broken = request("POST", "/api/v1/" + path + "/requeue", "{\"reason\":");
  EXPECT_EQ(ask(broken, path + "/requeue").status, 400);
  HttpRequest form = request("POST", "/api/v1/" + path + "/requeue", "reason=x");
  form.headers.back().second = "application/x-www-form-urlencoded";
  EXPECT_EQ(send(form).status, 415);
}

TEST_F(ChangesApi, RunsAJobAgain) {
  const JobId id = client()
                       .with({.queue = "mail",
                              .priority = 3,
                              .limit = {"api"},
                              .attempts = 2,
                              .timeout = 5s,
                              .baggage = {{"trace", "t1"}},
                              .tags = {"night"},
                              .display_name = "Work {0}",
                              .parameters = {{"tenant", "a"}}})
                       .enqueue_raw("work", "[1]");
  const Answer same = post("jobs/" + to_string(id) + "/run_again");
  EXPECT_EQ(same.status, 201);
  const auto copy = client().find(*parse_id<JobId>(same.json.at("id").get<std::string>()));
  EXPECT_EQ(copy->queue, "mail");
  EXPECT_EQ(copy->priority, 3);
  EXPECT_EQ(copy->arguments, "[1]");
  EXPECT_EQ(copy->parameters.at("tenant"), "\"a\"");
  const auto original = client().find(id);
  for (const auto& [name, value] : original->parameters)
    EXPECT_EQ(copy->parameters.at(name), value);
  EXPECT_EQ(copy->limit_key, "api");
  EXPECT_TRUE(copy->in_line);
  const JobId plain = client().enqueue_raw("work", "[1]");
  const Answer why = post("jobs/" + to_string(plain) + "/run_again", {{"reason", "once more"}});
  EXPECT_EQ(client().find(*parse_id<JobId>(why.json.at("id").get<std::string>()))->reason,
            "once more (local, in the dashboard)");
  const Answer other = post("jobs/" + to_string(id) + "/run_again", {{"arguments", "[2]"}});
  EXPECT_EQ(client().find(*parse_id<JobId>(other.json.at("id").get<std::string>()))->arguments,
            "[2]");
  EXPECT_EQ(post("jobs/" + to_string(id) + "/run_again", {{"arguments", "{}"}}).status, 400);
}

TEST_F(ChangesApi, AStepThatTakesResultsIsNotRunWithoutThem) {
  JobId sum;
  client().workflow("sum", [&](Workflow& flow) {
    auto one = flow.step(Job<int(std::int64_t)>{"work"}, 1);
    sum = flow.step(Job<void(int)>{"fail"}, one).id();
  });
  const Answer answer = post("jobs/" + to_string(sum) + "/run_again");
  EXPECT_EQ(answer.status, 422);
  EXPECT_THAT(answer.detail(), HasSubstr("requeue it instead"));
}

class ElsewhereFilter final : public Filter {
 public:
  void electing(Election& election) override { election.elect(states::scheduled(1h)); }
};

TEST_F(ChangesApi, AChangeThatAFilterRedirectsIsSaidToBeDone) {
  configure({.client = {.filters = {std::make_shared<ElsewhereFilter>()}}});
  const JobId id = client().enqueue_raw("work", "[1]");
  EXPECT_EQ(post("jobs/" + to_string(id) + "/delete").json.at("status"), "redirected");
  EXPECT_EQ(latest_deed().at("outcome"), "done: a filter chose Scheduled");
}

TEST_F(ChangesApi, NeedTheirRole) {
  const JobId id = client().enqueue_raw("work", "[1]");
  const std::string path = "jobs/" + to_string(id);
  configure({.authorization = open_to_all(Role::viewer)});
  EXPECT_EQ(post(path + "/delete").status, 403);
  EXPECT_EQ(get("audit").status, 403);
  EXPECT_EQ(get(path).status, 200);
  configure({.authorization = open_to_all(Role::operator_)});
  EXPECT_EQ(post(path + "/run_again", {{"arguments", "[2]"}}).status, 403);
  EXPECT_EQ(post(path + "/delete").status, 200);
  EXPECT_EQ(post(std::string{"servers/"} + unknown_id + "/stop").status, 403);
}

TEST_F(ChangesApi, AreNotPossibleWhereOnlyReadingIs) {
  const JobId id = client().enqueue_raw("work", "[1]");
  configure({.read_only = true});
  const Answer answer = post("jobs/" + to_string(id) + "/delete");
  EXPECT_EQ(answer.status, 403);
  EXPECT_THAT(answer.detail(), HasSubstr("read-only"));
  EXPECT_EQ(state_of(id), "Enqueued");
}

TEST_F(ChangesApi, AreNotMadeForOtherSites) {
  const JobId id = client().enqueue_raw("work", "[1]");
  const std::string path = "jobs/" + to_string(id) + "/delete";
  HttpRequest without_token = request("POST", "/api/v1/" + path, "{}");
  without_token.headers.erase(without_token.headers.begin() + 1);
  EXPECT_EQ(ask(without_token, path).status, 403);
  HttpRequest wrong_token = request("POST", "/api/v1/" + path, "{}");
  wrong_token.headers[1].second = "0123";
  EXPECT_EQ(ask(wrong_token, path).status, 403);
  for (const char* origin : {"https://evil.example", "null", "http://localhost:9999"}) {
    HttpRequest foreign = request("POST", "/api/v1/" + path, "{}");
    foreign.headers.emplace_back("Origin", origin);
    EXPECT_EQ(ask(foreign, path).status, 403) << origin;
  }
  HttpRequest cross = request("POST", "/api/v1/" + path, "{}");
  cross.headers.emplace_back("Sec-Fetch-Site", "cross-site");
  EXPECT_EQ(ask(cross, path).status, 403);
  EXPECT_EQ(state_of(id), "Enqueued");
  HttpRequest own = request("POST", "/api/v1/" + path, "{}");
  own.headers.emplace_back("Origin", "http://localhost:8080");
  EXPECT_EQ(ask(own, path).status, 200);
}

TEST_F(ChangesApi, NeedNoTokenWithABearerToken) {
  const JobId id = client().enqueue_raw("work", "[1]");
  configure({.authorization = bearer_authorization({{"ci", "0123456789abcdef", Role::operator_}})});
  const std::string path = "jobs/" + to_string(id) + "/delete";
  HttpRequest program{
      .method = "POST",
      .target = "/api/v1/" + path,
      .headers = {{"Host", "jobs.example"}, {"Authorization", "Bearer 0123456789abcdef"}},
      .peer = "10.0.0.9"};
  EXPECT_EQ(ask(program, path).status, 200);
  program.headers.pop_back();
  const Answer nobody = ask(program, path);
  EXPECT_EQ(nobody.status, 401);
  EXPECT_THAT(std::string{nobody.response.header("WWW-Authenticate")}, HasSubstr("Bearer"));
}

TEST_F(ChangesApi, PauseAndResumeQueues) {
  client().with({.queue = "mail"}).enqueue_raw("work", "[1]");
  EXPECT_EQ(post("queues/mail/pause", {{"reason", "the relay is down"}}).json.at("paused"), true);
  EXPECT_EQ(post("queues/mail/pause").json.at("paused_by"), "local");
  EXPECT_EQ(post("queues/mail/resume").json.at("paused"), false);
  EXPECT_EQ(latest_deed().at("action"), "queues.resume");
  EXPECT_EQ(post("queues/No%20Such/pause").status, 400);
}

TEST_F(ChangesApi, SteerRecurringJobs) {
  RecurringJobs recurring{storage()};
  recurring.add_or_update_raw("a/b ü", Cron::parse("0 8 * * MON-FRI"), {.zone = "Europe/Paris"},
                              "work", "[1]");
  const auto page = get("recurring").json;
  ASSERT_THAT(page.at("recurring"), SizeIs(1));
  const Json& shown = page.at("recurring")[0];
  EXPECT_EQ(shown.at("schedule"), "0 8 * * MON-FRI");
  EXPECT_THAT(shown.at("upcoming"), SizeIs(5));
  const std::string path = "recurring/a%2Fb%20%C3%BC";
  EXPECT_EQ(get(path).status, 200);
  EXPECT_EQ(post(path + "/trigger").status, 201);
  const auto paused =
      post(path + "/pause", {{"reason", "holidays"}, {"until", "2099-01-01T00:00:00Z"}});
  EXPECT_EQ(paused.json.at("paused"), true);
  EXPECT_EQ(paused.json.at("pause_reason"), "holidays");
  EXPECT_EQ(post(path + "/resume").json.at("paused"), false);
  const auto changed = post(path + "/schedule", {{"schedule", "every 90s"}, {"zone", "UTC"}});
  EXPECT_EQ(changed.json.at("schedule"), "every 1m30s");
  EXPECT_EQ(post(path + "/schedule", {{"schedule", "61 * * * *"}}).status, 400);
  EXPECT_EQ(post(path + "/schedule", {{"schedule", "every day"}}).status, 400);
  EXPECT_EQ(post(path + "/schedule", {{"schedule", "@daily"}, {"zone", "Nowhere"}}).status, 400);
  EXPECT_EQ(post(path + "/remove").status, 200);
  EXPECT_EQ(get(path).status, 404);
  EXPECT_EQ(post(path + "/trigger").status, 404);
}

TEST_F(ChangesApi, AskAServerToStop) {
  Handlers handlers;
  Server server{storage(), handlers, {.workers = 1, .log = silent_sink()}};
  server.start();
  const auto servers = storage()->monitoring().servers();
  ASSERT_THAT(servers, SizeIs(1));
  const std::string id = to_string(servers[0].info.id);
  EXPECT_EQ(post("servers/" + id + "/stop", {{"reason", "new version"}}).json.at("stopping"), true);
  EXPECT_EQ(post(std::string{"servers/"} + unknown_id + "/stop").status, 404);
  server.stop();
}

TEST_F(ChangesApi, TheAuditLogIsReadInPages) {
  for (int i = 0; i < 3; ++i) post("queues/mail/pause", {{"reason", std::to_string(i)}});
  const auto first = get("audit?limit=2").json;
  ASSERT_THAT(first.at("entries"), SizeIs(2));
  EXPECT_EQ(first.at("entries")[0].at("reason"), "2");
  const auto rest = get("audit?limit=2&before=" + first.at("next").dump()).json;
  ASSERT_THAT(rest.at("entries"), SizeIs(1));
  EXPECT_EQ(rest.at("next"), nullptr);
  EXPECT_THAT(get("audit?action=queues.resume").json.at("entries"), SizeIs(0));
  EXPECT_THAT(get("audit?actor=local&target=mail").json.at("entries"), SizeIs(3));
}

}  // namespace
}  // namespace portfire::dashboard
