#pragma once

// A dashboard on a storage in memory. Every answer of the API is held against its description.

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include <portfire/dashboard.hpp>
#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portfire::dashboard {

struct Answer {
  int status = 0;
  HttpResponse response;
  nlohmann::json json;  // null where the body is none

  [[nodiscard]] std::string detail() const { return json.value("detail", ""); }
};

class DashboardTest : public ::testing::Test {
 protected:
  DashboardTest();

  // Makes the dashboard anew.
  void configure(DashboardOptions options);

  // A request of a local browser, with the token that its pages have.
  [[nodiscard]] HttpRequest request(const std::string& method, const std::string& target,
                                    const std::string& body = {});
  HttpResponse send(const HttpRequest& request) { return dashboard_->handle(request); }

  // Of the API, below api/v1/.
  Answer get(const std::string& path);
  Answer post(const std::string& path, const nlohmann::json& body = nlohmann::json::object());
  // As it is, and held against the description.
  Answer ask(const HttpRequest& request, const std::string& path);

  // Runs what is ready until this job has come to rest. Handlers: `work` succeeds with 42, `fail`
  // throws "boom N at 'place'", N being its argument, and is not retried.
  void let_run(JobId id);

  Client& client() { return *client_; }
  const std::shared_ptr<Storage>& storage() { return storage_; }
  Dashboard& dashboard() { return *dashboard_; }
  // Waits until a bulk change has ended, and gives what it says then.
  nlohmann::json ended_bulk(const std::string& id);

 private:
  const std::shared_ptr<Storage> storage_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<Dashboard> dashboard_;
  nlohmann::json description_;
  std::string token_;
};

}  // namespace portfire::dashboard
