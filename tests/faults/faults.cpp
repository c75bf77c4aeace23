#include "faults/faults.hpp"

#include <utility>

namespace portfire::faults {

namespace {

std::string next_schema() {
  static int schemas = 0;
  return "faults" + std::to_string(++schemas);
}

std::string common_database() {
  static const std::string url = [] {
    const std::string local = Installation::shared_server().new_database();
    return Installation::shared_server().tcp_url(local.substr(local.rfind('/') + 1));
  }();
  return url;
}

}  // namespace

Installation::Installation() : Installation{shared_server(), common_database()} {}

Installation::Installation(PrivatePostgres& server, std::string url)
    : server_{server}, url_{std::move(url)}, schema_{next_schema()} {}

Installation::~Installation() {
  try {
    execute("DROP SCHEMA IF EXISTS :schema CASCADE");
  } catch (...) {
    // It goes with the server.
  }
}

PrivatePostgres& Installation::shared_server() {
  static PrivatePostgres server{{.tcp = true}};
  return server;
}

std::string Installation::url_through(const TcpGate& gate) const {
  const std::string port = ':' + std::to_string(server_.port()) + '/';
  std::string url = url_;
  return url.replace(url.find(port), port.size(), ':' + std::to_string(gate.port()) + '/');
}

std::shared_ptr<Storage> Installation::open(postgresql::Options options) const {
  return open_at(url_, std::move(options));
}

std::shared_ptr<Storage> Installation::open_at(const std::string& url,
                                               postgresql::Options options) const {
  options.schema = schema_;
  return postgresql::open(url, std::move(options));
}

std::string Installation::execute(std::string statements) const {
  const std::string name = ":schema";
  for (auto at = statements.find(name); at != std::string::npos; at = statements.find(name)) {
    statements.replace(at, name.size(), schema_);
  }
  return server_.execute(url_, statements);
}

std::string Installation::count(const std::string& table) const {
  return execute("SELECT count(*) FROM :schema." + table);
}

}  // namespace portfire::faults
