#include "unit/dashboard/dashboard_fixture.hpp"

#include "dashboard/openapi.hpp"
#include "unit/dashboard/schema.hpp"

namespace portfire::dashboard {

DashboardTest::DashboardTest()
    : storage_{memory::open()},
      client_{std::make_unique<Client>(storage_)},
      description_(nlohmann::json::parse(openapi_text())) {
  configure({});
}

void DashboardTest::configure(DashboardOptions options) {
  options.log = silent_sink();
  dashboard_ = std::make_unique<Dashboard>(storage_, std::move(options));
  token_ = get("session").json.value("token", "");
}

HttpRequest DashboardTest::request(const std::string& method, const std::string& target,
                                   const std::string& body) {
  HttpRequest request{.method = method,
                      .target = target,
                      .headers = {{"Host", "localhost:8080"}, {"X-Portfire-Token", token_}},
                      .body = body,
                      .peer = "127.0.0.1"};
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  return request;
}

Answer DashboardTest::ask(const HttpRequest& request, const std::string& path) {
  Answer answer;
  answer.response = send(request);
  answer.status = answer.response.status;
  answer.json = nlohmann::json::parse(answer.response.body, nullptr, false);
  if (answer.status != 405) {
    const std::string type{answer.response.header("Content-Type")};
    EXPECT_EQ(complaint_about_answer(description_, request.method, path.substr(0, path.find('?')),
                                     answer.status, type, answer.response.body),
              "");
  }
  return answer;
}

Answer DashboardTest::get(const std::string& path) {
  return ask(request("GET", "/api/v1/" + path), path);
}

Answer DashboardTest::post(const std::string& path, const nlohmann::json& body) {
  return ask(request("POST", "/api/v1/" + path, body.dump()), path);
}

void DashboardTest::let_run(JobId id) {
  Handlers handlers;
  handlers.on(Job<int(std::int64_t)>{"work"}, [](std::int64_t) { return 42; });
  handlers.on(Job<void(int)>{"fail", {.attempts = 0}}, [](int number) {
    throw std::runtime_error{"boom " + std::to_string(number) + " at 'place'"};
  });
  Server server{storage_, handlers, {.workers = 2, .log = silent_sink()}};
  server.start();
  EXPECT_TRUE(client().wait(id, std::chrono::minutes{1}).ended);
  server.stop();
}

nlohmann::json DashboardTest::ended_bulk(const std::string& id) {
  // Each look takes the runner's lock, so that this ends with it.
  for (;;) {
    nlohmann::json bulk = get("bulk/" + id).json;
    if (bulk.at("state") != "running") return bulk;
    std::this_thread::yield();
  }
}

}  // namespace portfire::dashboard
