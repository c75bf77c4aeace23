#include "client/filter_chain.hpp"

#include <algorithm>

#include <portfire/error.hpp>

namespace portfire {

std::string current_exception_message() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of a type that is not derived from std::exception";
  }
}

namespace {

State failed_by_filter(const Filter& filter, std::string_view hook) {
  std::string reason = "The filter \"";
  reason += filter.name();
  reason += "\" threw in `";
  reason += hook;
  reason += "`: ";
  reason += current_exception_message();
  return states::failed(std::move(reason));
}

}  // namespace

FilterChain::FilterChain(Filters filters, LogSink log) : log_{std::move(log)} {
  const auto goes_before = [](const auto& a, const auto& b) { return a->order() < b->order(); };
  for (auto& filter : filters) {
    if (filter == nullptr) throw UsageError{"filters contains a null pointer; remove it"};
    // Behind its equals: they stay in the order given.
    const auto place = std::upper_bound(filters_.begin(), filters_.end(), filter, goes_before);
    filters_.insert(place, std::move(filter));
  }
}

bool FilterChain::elects_released_jobs() const {
  return std::any_of(filters_.begin(), filters_.end(),
                     [](const auto& filter) { return filter->elects_released_jobs(); });
}

FilterChain FilterChain::joined_with(const Filters& more) const {
  Filters all = filters_;
  all.insert(all.end(), more.begin(), more.end());
  return {std::move(all), log_};
}

void FilterChain::log_error(const Filter& filter, std::string_view hook) const {
  std::string line = "the filter \"";
  line += filter.name();
  line += "\" threw in `";
  line += hook;
  line += "`: ";
  line += current_exception_message();
  log_(LogLevel::error, line);
}

void FilterChain::creating(Creating& creating) const {
  for (const auto& filter : filters_) {
    filter->creating(creating);
    if (creating.vetoed) return;
  }
}

void FilterChain::created(const Created& created) const {
  for (auto filter = filters_.rbegin(); filter != filters_.rend(); ++filter) {
    try {
      (*filter)->created(created);
    } catch (...) {
      log_error(**filter, "created");
    }
  }
}

void FilterChain::performing(Performing& performing) const {
  for (const auto& filter : filters_) {
    filter->performing(performing);
    if (performing.cancelled) return;
  }
}

void FilterChain::performed(Performed& performed) const {
  for (auto filter = filters_.rbegin(); filter != filters_.rend(); ++filter) {
    try {
      (*filter)->performed(performed);
    } catch (...) {
      performed.error = std::current_exception();
    }
  }
}

void FilterChain::failed(const Failing& failing) const {
  for (auto filter = filters_.rbegin(); filter != filters_.rend(); ++filter) {
    try {
      (*filter)->failed(failing);
    } catch (...) {
      log_error(**filter, "failed");
    }
  }
}

void FilterChain::electing(Election& election) const {
  for (const auto& filter : filters_) {
    try {
      filter->electing(election);
      if (election.candidate.kind == StateKind::running) {
        throw UsageError{"it elected \"" + election.candidate.name +
                         "\", a state of kind running, which only a claim leads to"};
      }
    } catch (...) {
      election.elect(failed_by_filter(*filter, "electing"));
      return;
    }
  }
}

void FilterChain::applying(const JobFacts& job, Transition& transition) const {
  for (const auto& filter : filters_) {
    const StateKind kind = transition.state.kind;
    try {
      Applying applying{.job = job, .transition = transition};
      filter->applying(applying);
      if (transition.state.kind != kind) {
        throw UsageError{"it changed the kind of the state, which only an election may"};
      }
    } catch (...) {
      transition.elected_away.push_back(std::move(transition.state));
      transition.state = failed_by_filter(*filter, "applying");
      return;
    }
  }
}

void FilterChain::applied(const Applied& applied) const {
  for (auto filter = filters_.rbegin(); filter != filters_.rend(); ++filter) {
    try {
      (*filter)->applied(applied);
    } catch (...) {
      log_error(**filter, "applied");
    }
  }
}

}  // namespace portfire
