#pragma once

// Runs a list of filters, in order, and names the one that throws.

#include <string>
#include <utility>

#include <portfire/filter.hpp>
#include <portfire/log.hpp>
#include <portfire/storage/unit.hpp>

namespace portfire {

// What an election and what surrounds it decided.
struct Elected {
  State state;
  std::vector<State> replaced;
  std::map<std::string, std::optional<std::string>> parameters;
  std::optional<std::uint32_t> attempt;
};

// Threads: any; the filters look after themselves.
class FilterChain {
 public:
  FilterChain() = default;
  // Sorts by order, keeping the given order among equals. Throws UsageError for a null filter.
  FilterChain(Filters filters, LogSink log);

  [[nodiscard]] bool empty() const { return filters_.empty(); }
  [[nodiscard]] bool elects_released_jobs() const;

  // The filters of both chains, sorted together.
  [[nodiscard]] FilterChain joined_with(const Filters& more) const;

  // Exceptions reach the caller.
  void creating(Creating& creating) const;
  void created(const Created& created) const;
  void performing(Performing& performing) const;
  void performed(Performed& performed) const;
  void failed(const Failing& failing) const;

  // A filter that throws makes the candidate Failed, with a reason that names it, and ends the
  // election.
  void electing(Election& election) const;

  // A filter that throws makes the transition Failed, with a reason that names it.
  void applying(const JobFacts& job, Transition& transition) const;
  void applied(const Applied& applied) const;

 private:
  void log_error(const Filter& filter, std::string_view hook) const;

  Filters filters_;
  LogSink log_ = silent_sink();
};

// The message of the exception being handled.
std::string current_exception_message();

}  // namespace portfire
