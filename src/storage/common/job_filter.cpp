#include "storage/common/job_filter.hpp"

#include <algorithm>
#include <string_view>

namespace portfire {

namespace {

// Of ASCII alone, whatever the locale.
char in_lower_case(char letter) {
  constexpr char to_lower = 'a' - 'A';
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + to_lower) : letter;
}

std::string in_lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](char letter) { return in_lower_case(letter); });
  return text;
}

// `part` is in lower case.
bool contains_part(std::string_view text, std::string_view part) {
  if (part.empty()) return true;
  const auto found = std::ranges::search(
      text, part, [](char letter, char wanted) { return in_lower_case(letter) == wanted; });
  return !found.empty();
}

}  // namespace

JobFilter::JobFilter(const JobQuery& query)
    : query_{query},
      text_{in_lower_case(query.text)},
      reason_{in_lower_case(query.reason)},
      is_set_{!query.text.empty() || !query.reason.empty() || query.server || query.since_from ||
              query.since_before || query.duration_at_least || query.duration_at_most ||
              query.attempts_at_least > 0} {}

bool JobFilter::matches(const JobSummary& job) const {
  const bool asks_duration = query_.duration_at_least || query_.duration_at_most;
  return job.attempt >= query_.attempts_at_least &&
         (!query_.since_from || job.since >= *query_.since_from) &&
         (!query_.since_before || job.since < *query_.since_before) &&
         (!query_.server || job.server == query_.server) && (!asks_duration || job.duration) &&
         (!query_.duration_at_least || *job.duration >= *query_.duration_at_least) &&
         (!query_.duration_at_most || *job.duration <= *query_.duration_at_most) &&
         contains_part(job.reason, reason_) && contains_part(job.arguments, text_);
}

bool JobFilter::is_beyond(StateKind kind, TimePoint since) const {
  switch (kind) {
    case StateKind::waiting:
    case StateKind::running: return query_.since_before && since >= *query_.since_before;
    case StateKind::parked:
    case StateKind::final: return query_.since_from && since < *query_.since_from;
    case StateKind::ready:
    case StateKind::timed: break;
  }
  return false;
}

}  // namespace portfire
