#include "storage/common/audit_texts.hpp"

#include "model/clip.hpp"

namespace portfire {

namespace {

constexpr std::size_t longest_word = 200;
constexpr std::size_t longest_line = 1000;

void shorten(std::string& text, std::size_t bytes) { text.resize(clip(text, bytes).size()); }

bool is_asked_for(const std::string& wanted, const std::string& text) {
  return wanted.empty() || wanted == text;
}

}  // namespace

AuditEntry with_clipped_texts(AuditEntry entry) {
  for (std::string* word : {&entry.actor, &entry.action, &entry.target}) {
    shorten(*word, longest_word);
  }
  for (std::string* line : {&entry.reason, &entry.outcome}) shorten(*line, longest_line);
  return entry;
}

std::string_view clipped_outcome(std::string_view outcome) { return clip(outcome, longest_line); }

bool has_texts_of(const AuditQuery& query, const AuditEntry& entry) {
  return is_asked_for(query.actor, entry.actor) && is_asked_for(query.action, entry.action) &&
         is_asked_for(query.target, entry.target);
}

}  // namespace portfire
