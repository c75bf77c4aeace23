// The dashboard as a whole: overview, pages, files, prefixes, refusals of all kinds.

#include <portfire/testing/faulty_storage.hpp>
#include <portfire/testing/virtual_clock.hpp>

#include "dashboard/router.hpp"
#include "unit/dashboard/dashboard_fixture.hpp"

namespace portfire::dashboard {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class SiteTest : public DashboardTest {};

TEST_F(SiteTest, TheOverviewCountsEverything) {
  const JobId id = client().enqueue_raw("work", "[1]");
  client().with({.queue = "mail"}).schedule_raw("work", "[1]", states::scheduled(1h));
  configure({.metrics = {{"disk", "Free disk", [] { return "12 GiB"; }, "/disk"}}});
  const auto overview = get("overview").json;
  EXPECT_EQ(overview.at("counts"),
            nlohmann::json::parse(R"([{"state":"Enqueued","kind":"ready","count":1},
                                      {"state":"Scheduled","kind":"timed","count":1}])"));
  EXPECT_EQ(overview.at("lifetime").at("Created"), 2);
  EXPECT_EQ(overview.at("retries"), 0);
  EXPECT_EQ(overview.at("metrics")[0].at("value"), "12 GiB");
  EXPECT_EQ(overview.at("servers"), 0);
  let_run(id);
  EXPECT_THAT(get("history?hours=1").json.at("hours"), SizeIs(2));
  EXPECT_EQ(get("history?hours=0").status, 400);
  EXPECT_EQ(get("history?hours=769").status, 400);
}

TEST(SharedSnapshot, IsReadOnceASecondForAllViewers) {
  const auto clock = std::make_shared<portfire::testing::VirtualClock>();
  const auto storage = memory::open({.runtime = clock});
  Dashboard dashboard{storage, {.authorization = open_to_all(Role::viewer), .log = silent_sink()}};
  const HttpRequest request{.target = "/api/v1/events"};
  const HttpResponse first = dashboard.handle(request);
  const HttpResponse second = dashboard.handle(request);
  EXPECT_EQ(first.header("Content-Type"), "text/event-stream");
  ASSERT_TRUE(first.events && second.events);
  const std::string event = first.events->next().value();
  EXPECT_THAT(event, AllOf(HasSubstr("event: overview\ndata: {"), ::testing::EndsWith("\n\n")));
  Client{storage}.enqueue_raw("work", "[1]");
  EXPECT_EQ(first.events->next(), "") << "nothing new";
  EXPECT_EQ(second.events->next(), event) << "the same, however much has happened";
  clock->advance(1s);
  EXPECT_THAT(second.events->next().value(),
              AllOf(HasSubstr("id: 2\n"), HasSubstr("\"Created\":1")));
}

TEST(SharedSnapshot, ComesFromAStreamThatEndsNowAndThen) {
  const auto clock = std::make_shared<portfire::testing::VirtualClock>();
  Dashboard dashboard{memory::open({.runtime = clock}),
                      {.authorization = open_to_all(Role::viewer), .log = silent_sink()}};
  const auto events = dashboard.handle({.target = "/api/v1/events"}).events;
  int calls = 0;
  while (events->next()) ++calls;
  EXPECT_EQ(calls, 600) << "so that its visitor is asked again who it is";
}

TEST_F(SiteTest, KnowsTheKindsOfStatesOfTheUsersOwn) {
  const JobId id = client().enqueue_raw("work", "[1]");
  client().change_state(id, {"Archived", StateKind::final, Ending::other});
  const auto count = get("overview").json.at("counts").at(0);
  EXPECT_EQ(count.at("state"), "Archived");
  EXPECT_EQ(count.at("kind"), "final");
}

TEST_F(SiteTest, ShowsTheStorage) {
  client().enqueue_raw("work", "[1]");
  const auto report = get("storage").json;
  EXPECT_EQ(report.at("engine"), "memory");
  EXPECT_EQ(report.at("durable"), false);
}

TEST_F(SiteTest, ShowsServersWithTheirJobs) {
  Handlers handlers;
  handlers.on(Job<void()>{"mail.send"}, [] {});
  Server server{storage(), handlers, {.workers = 3, .name = "one", .log = silent_sink()}};
  server.start();
  configure({});
  const auto servers = get("servers").json.at("servers");
  ASSERT_THAT(servers, SizeIs(1));
  EXPECT_EQ(servers[0].at("name"), "one");
  EXPECT_EQ(servers[0].at("workers"), 3);
  EXPECT_EQ(servers[0].at("overdue"), false);
  EXPECT_EQ(servers[0].at("job_names")[0], "mail.send");
  server.stop();
}

TEST_F(SiteTest, EveryEndpointIsDescribed) {
  const auto description = nlohmann::json::parse(send(request("GET", "/api/v1/openapi.json")).body);
  std::set<std::string> described;
  for (const auto& [path, operations] : description.at("paths").items()) {
    for (const auto& [verb, operation] : operations.items()) described.insert(verb + " " + path);
  }
  std::set<std::string> there;
  for (const Route& route : api_routes()) {
    there.insert((route.method == "GET" ? "get /" : "post /") + route.pattern);
  }
  EXPECT_EQ(described, there);
}

TEST_F(SiteTest, RefusesWrongMethodsAndUnknownPaths) {
  const Answer wrong = ask(request("DELETE", "/api/v1/jobs"), "jobs");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.response.header("Allow"), "GET");
  EXPECT_EQ(send(request("POST", "/")).status, 405);
  for (const char* target : {"/api/v1/nothing", "/api/v2/jobs", "/api", "/pages/none",
                             "/assets/none.js", "/../../etc/passwd.txt", "/assets/..%2f..%2fx.y"}) {
    EXPECT_EQ(send(request("GET", target)).status, 404) << target;
  }
  EXPECT_EQ(send(request("GET", "/api/v1/jobs/%")).status, 400);
}

TEST_F(SiteTest, EveryPageIsTheSamePage) {
  for (const char* target : {"/", "/jobs", "/jobs/anything/deeper", "/index.html"}) {
    const HttpResponse page = send(request("GET", target));
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_THAT(page.body, HasSubstr("<base href=\"/\""));
    EXPECT_THAT(page.body, Not(HasSubstr("<script>")));
    EXPECT_EQ(page.header("X-Frame-Options"), "DENY");
  }
}

TEST_F(SiteTest, LivesUnderAPrefix) {
  configure({.path_prefix = "/ops/jobs/"});
  EXPECT_EQ(send(request("GET", "/ops/jobs/api/v1/overview")).status, 200);
  EXPECT_THAT(send(request("GET", "/ops/jobs")).body, HasSubstr("<base href=\"/ops/jobs/\""));
  EXPECT_EQ(send(request("GET", "/other")).status, 404);
  configure({.path_prefix = "/a\"><b"});
  EXPECT_THAT(send(request("GET", "/a\"><b/")).body, HasSubstr("<base href=\"/a&quot;>&lt;b/\""));
  EXPECT_THROW(configure({.path_prefix = "ops"}), UsageError);
}

TEST_F(SiteTest, TellsItsHealthToAnybody) {
  configure({.authorization = bearer_authorization({{"ci", "0123456789abcdef", Role::viewer}})});
  EXPECT_EQ(send({.target = "/healthz", .peer = "10.0.0.1"}).status, 200);
  EXPECT_EQ(send({.target = "/metrics", .peer = "10.0.0.1"}).status, 401);
  EXPECT_EQ(send({.target = "/", .peer = "10.0.0.1"}).status, 401);
}

TEST_F(SiteTest, KnowsItsHosts) {
  configure({.authorization = open_to_all(Role::admin), .hosts = {"jobs.example"}});
  const auto status = [&](const char* host) {
    return send({.target = "/", .headers = {{"Host", host}}, .peer = "10.0.0.1"}).status;
  };
  EXPECT_EQ(status("jobs.example"), 200);
  EXPECT_EQ(status("JOBS.example:8443"), 200);
  EXPECT_EQ(status("evil.example"), 403);
  EXPECT_EQ(status(""), 403);
}

TEST_F(SiteTest, AMetricThatFailsHidesNothingElse) {
  configure({.metrics = {{"bad", "Bad", []() -> std::string { throw 1; }}}});
  EXPECT_EQ(get("overview").json.at("metrics")[0].at("value"), "–");
}

TEST_F(SiteTest, APageThatThrowsIsAnError) {
  configure({.pages = {{"Bad", "bad",
                        [](const HttpRequest&, const Visitor&) -> HttpResponse { throw 1; }}}});
  EXPECT_EQ(send(request("GET", "/pages/bad")).status, 500);
}

TEST_F(SiteTest, TellsNumbersToMonitoringSystems) {
  const JobId id = client().with({.queue = "default"}).enqueue_raw("work", "[1]");
  client().with({.queue = "mail"}).enqueue_raw("work", "[1]");
  let_run(id);
  const HttpResponse metrics = send(request("GET", "/metrics"));
  EXPECT_THAT(std::string{metrics.header("Content-Type")}, HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(metrics.body,
              AllOf(HasSubstr("portfire_jobs{queue=\"mail\",state=\"Enqueued\"} 1\n"),
                    HasSubstr("portfire_jobs_entered_total{state=\"Succeeded\"} 1\n"),
                    HasSubstr("portfire_queue_ready{queue=\"mail\"} 1\n"),
                    HasSubstr("portfire_recent_job_duration_seconds_count{name=\"work\"} 1\n"),
                    HasSubstr("# TYPE portfire_servers gauge\n")));
}

TEST_F(SiteTest, ServesPagesOfTheProgram) {
  configure({.app_url = "https://example.com",
             .pages = {{"Reports", "reports",
                        [](const HttpRequest&, const Visitor& visitor) {
                          return HttpResponse{.headers = {{"Content-Type", "text/plain"}},
                                              .body = "hello " + visitor.user};
                        }}},
             .style_sheet = "body { color: red }"});
  EXPECT_EQ(send(request("GET", "/pages/reports")).body, "hello local");
  EXPECT_EQ(send(request("GET", "/custom.css")).body, "body { color: red }");
  const auto session = get("session").json;
  EXPECT_EQ(session.at("pages")[0].at("url"), "pages/reports");
  EXPECT_EQ(session.at("app_url"), "https://example.com");
  EXPECT_EQ(session.at("style_sheet"), "custom.css");
  EXPECT_THROW(configure({.pages = {{"Bad", "No Path", {}}}}), UsageError);
}

TEST_F(SiteTest, TellsThatTheStorageDoesNotAnswer) {
  const auto faulty = std::make_shared<portfire::testing::FaultyStorage>(storage());
  Dashboard dashboard{faulty, {.log = silent_sink()}};
  faulty->go_down();
  const HttpResponse response = dashboard.handle(request("GET", "/api/v1/overview"));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
  const HttpResponse health = dashboard.handle(request("GET", "/healthz"));
  EXPECT_EQ(health.status, 503);
  EXPECT_THAT(health.body, HasSubstr("The storage does not answer\"}"));
}

TEST_F(SiteTest, NeedsAStorage) {
  EXPECT_THROW(Dashboard{nullptr}, UsageError);
  EXPECT_THROW(configure({.authorization = {}}), UsageError);
}

TEST_F(SiteTest, HeadIsGetWithoutABody) {
  const HttpResponse response = send(request("HEAD", "/api/v1/overview"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
}

}  // namespace
}  // namespace portfire::dashboard
