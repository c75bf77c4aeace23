#pragma once

// A dashboard on a storage in memory that holds a little of everything.

#include <memory>
#include <string>

#include <portfire/dashboard.hpp>
#include <portfire/portfire.hpp>

namespace portfire::fuzz {

class Place {
 public:
  Place();

  // The answer, which must be one: neither an inner error nor a broken text.
  HttpResponse ask(const HttpRequest& request);

  // A request of a local browser that has the token.
  [[nodiscard]] HttpRequest request(const std::string& method, const std::string& target,
                                    const std::string& body = {}) const;

  // A job that is there.
  [[nodiscard]] std::string job() const { return job_; }

 private:
  const std::shared_ptr<Storage> storage_;
  Dashboard dashboard_;
  std::string job_;
  std::string token_;
};

}  // namespace portfire::fuzz
