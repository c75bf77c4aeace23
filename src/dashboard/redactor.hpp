#pragma once

// Hides what nobody is to see.

#include <string>
#include <vector>

#include <boost/regex.hpp>

namespace portfire::dashboard {

class Redactor {
 public:
  // Throws `UsageError` for a pattern that is no regular expression.
  explicit Redactor(const std::vector<std::string>& patterns);

  [[nodiscard]] bool hides_anything() const { return !patterns_.empty(); }

  // The text with dots for what the patterns find. A text that a pattern takes too long for is
  // hidden altogether.
  [[nodiscard]] std::string shown(std::string text) const;

 private:
  std::vector<boost::regex> patterns_;
};

}  // namespace portfire::dashboard
