#include "dashboard/failures.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>

#include "dashboard/security/secrets.hpp"

namespace portfire::dashboard {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// An id or a number with a unit: `42`, `0x7f3a`, `01930f3c-8e4b-…`, `15ms`, but not `sha256`: it
// begins with a digit, or is long and has many of them.
bool is_variable(std::string_view word) {
  const auto digits = std::ranges::count_if(word, is_digit);
  constexpr std::size_t long_word = 16;
  return is_digit(word.front()) ||
         (word.size() >= long_word && digits * 4 >= static_cast<std::ptrdiff_t>(word.size()));
}

}  // namespace

std::string failure_signature(std::string_view message) {
  constexpr std::size_t longest = 300;
  std::string signature;
  std::size_t at = 0;
  while (at < message.size() && signature.size() < longest) {
    const char c = message[at];
    // An apostrophe inside a word opens nothing.
    const bool opens = c == '"' || (c == '\'' && (at == 0 || !is_word(message[at - 1])));
    const std::size_t closing = opens ? message.find(c, at + 1) : std::string_view::npos;
    if (closing != std::string_view::npos) {
      signature += c;
      signature += "…";
      signature += c;
      at = closing + 1;
    } else if (is_word(c)) {
      std::size_t end = at;
      while (end < message.size() && is_word(message[end])) ++end;
      const std::string_view word = message.substr(at, end - at);
      if (is_variable(word)) {
        signature += '#';
      } else {
        signature += word;
      }
      at = end;
    } else {
      signature += c;
      ++at;
    }
  }
  return signature;
}

std::string failure_key(const std::string& name, std::string_view message) {
  constexpr std::size_t bytes = 8;
  const std::string text = name + '\0' + failure_signature(message);
  return to_hex(keyed_digest("failure", text).substr(0, bytes));
}

void add_failure(FailureGroups& groups, const JobSummary& job, const std::string& message) {
  FailureGroup& group = groups[failure_key(job.name, message)];
  if (group.count == 0) {
    group.name = job.name;
    group.signature = failure_signature(message);
    group.sample = message;
    group.sample_job = job.id;
    group.first = group.last = job.since;
  }
  ++group.count;
  group.first = std::min(group.first, job.since);
  group.last = std::max(group.last, job.since);
  ++group.by_hour[std::chrono::floor<std::chrono::hours>(job.since)];
}

}  // namespace portfire::dashboard
