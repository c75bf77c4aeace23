#pragma once

// Answers that say no.

#include <exception>
#include <string>
#include <utility>

#include <portfire/http.hpp>

namespace portfire::dashboard {

// Thrown by whatever looks into a request; becomes a response of problem details (RFC 9457).
class Refusal : public std::exception {
 public:
  Refusal(int status, std::string detail) : status_{status}, detail_{std::move(detail)} {}

  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] const std::string& detail() const { return detail_; }
  [[nodiscard]] const char* what() const noexcept override { return detail_.c_str(); }

 private:
  int status_;
  std::string detail_;
};

HttpResponse problem(int status, const std::string& detail);

}  // namespace portfire::dashboard
