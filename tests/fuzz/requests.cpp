#include "fuzz/requests.hpp"

#include <chrono>

#include <nlohmann/json.hpp>

#include <portfire/memory.hpp>
#include <portfire/recurring.hpp>

#include "fuzz/fuzz.hpp"

namespace portfire::fuzz {

namespace {

constexpr Job<void(int)> work{"work"};

DashboardOptions options() {
  DashboardOptions chosen;
  chosen.authorization = open_to_all(Role::admin);
  chosen.redact = {R"re("secret":"([^"]*)")re"};
  chosen.client.log = silent_sink();
  // What it says of an inner error belongs into the report.
  chosen.log = [](LogLevel level, std::string_view line) {
    if (level == LogLevel::error) std::fprintf(stderr, "%s\n", std::string{line}.c_str());
  };
  return chosen;
}

}  // namespace

Place::Place() : storage_{memory::open()}, dashboard_{storage_, options()} {
  Client client{storage_, {.log = silent_sink()}};
  job_ = to_string(client.enqueue(work, 1).id);
  client.with({.queue = "other", .tags = {"tag"}}).schedule(work, std::chrono::hours{1}, 2);
  client.batch("batch", [](Batch& batch) { batch.enqueue(work, 3); });
  RecurringJobs{storage_, {.log = silent_sink()}}.add_or_update(work, "nightly", "0 2 * * *", {},
                                                                4);
  const HttpResponse session = dashboard_.handle(request("GET", "/api/v1/session"));
  token_ = nlohmann::json::parse(session.body).value("token", "");
}

HttpRequest Place::request(const std::string& method, const std::string& target,
                           const std::string& body) const {
  HttpRequest request{.method = method,
                      .target = target,
                      .headers = {{"Host", "localhost:8080"}, {"X-Portfire-Token", token_}},
                      .body = body,
                      .peer = "127.0.0.1"};
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  return request;
}

HttpResponse Place::ask(const HttpRequest& request) {
  HttpResponse response = dashboard_.handle(request);
  expect(response.status >= 200 && response.status < 500, "there is an answer, and no inner error");
  const std::string_view type = response.header("Content-Type");
  if (type.find("json") != std::string_view::npos && !response.body.empty()) {
    expect(nlohmann::json::accept(response.body), "what is said to be JSON is");
  }
  for (const auto& [name, value] : response.headers) {
    expect(value.find_first_of("\r\n") == std::string::npos, "a header is one line: " + name);
  }
  return response;
}

}  // namespace portfire::fuzz
