#include <portfire/storage/job_store.hpp>
#include <portfire/storage/unit.hpp>

#include <array>

namespace portfire {

namespace {

constexpr std::array<std::string_view, 4> condition_names = {"succeeded", "deleted", "failed",
                                                             "finished"};

}  // namespace

std::string_view to_string(Condition condition) {
  return condition_names.at(static_cast<std::size_t>(condition));
}

std::optional<Condition> parse_condition(std::string_view text) {
  for (std::size_t i = 0; i < condition_names.size(); ++i) {
    if (condition_names[i] == text) return static_cast<Condition>(i);
  }
  return std::nullopt;
}

std::string_view to_string(CommitStatus status) {
  constexpr std::array<std::string_view, 5> names = {"applied", "already applied", "busy",
                                                     "conflict", "rejected"};
  return names.at(static_cast<std::size_t>(status));
}

std::string_view to_string(Conflict conflict) {
  constexpr std::array<std::string_view, 6> names = {"none",  "not found", "state",
                                                     "epoch", "version",   "batch"};
  return names.at(static_cast<std::size_t>(conflict));
}

std::string_view to_string(ReportLevel level) {
  switch (level) {
    case ReportLevel::debug: return "debug";
    case ReportLevel::info: return "info";
    case ReportLevel::warning: return "warning";
    case ReportLevel::error: return "error";
  }
  return "info";
}

}  // namespace portfire
