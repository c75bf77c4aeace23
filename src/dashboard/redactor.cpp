#include "dashboard/redactor.hpp"

#include <stdexcept>

#include <portfire/error.hpp>

namespace portfire::dashboard {

namespace {

constexpr const char* hidden = "•••";

std::string without_matches(const std::string& text, const boost::regex& pattern) {
  std::string result;
  auto copied = text.begin();
  const boost::sregex_iterator end;
  for (boost::sregex_iterator match{text.begin(), text.end(), pattern}; match != end; ++match) {
    const auto& part = match->size() > 1 && (*match)[1].matched ? (*match)[1] : (*match)[0];
    if (part.first == part.second) continue;
    result.append(copied, part.first);
    result += hidden;
    copied = part.second;
  }
  result.append(copied, text.end());
  return result;
}

}  // namespace

Redactor::Redactor(const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    try {
      patterns_.emplace_back(pattern);
    } catch (const boost::regex_error& error) {
      throw UsageError{"DashboardOptions::redact has \"" + pattern +
                       "\", which is no regular expression: " + error.what()};
    }
  }
}

std::string Redactor::shown(std::string text) const {
  try {
    for (const boost::regex& pattern : patterns_) text = without_matches(text, pattern);
  } catch (const std::runtime_error&) {
    return hidden;
  }
  return text;
}

}  // namespace portfire::dashboard
