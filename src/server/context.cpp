#include <portfire/context.hpp>

#include <array>

#include "server/running_job.hpp"

namespace portfire {

std::string_view to_string(StopReason reason) {
  constexpr std::array<std::string_view, 5> names = {"none", "shutdown", "deleted", "lease lost",
                                                     "timeout"};
  return names.at(static_cast<std::size_t>(reason));
}

JobId Context::job_id() const { return running_.execution().ref.job; }
const std::string& Context::job_name() const { return running_.execution().name; }
const std::string& Context::queue() const { return running_.execution().queue; }
JobId Context::batch() const { return running_.execution().batch; }
std::uint32_t Context::attempt() const { return running_.execution().attempt + 1; }
std::uint64_t Context::epoch() const { return running_.execution().ref.epoch; }
const std::string& Context::arguments() const { return running_.arguments(); }
std::stop_token Context::stop_token() const { return running_.stop_token(); }
StopReason Context::stop_reason() const { return running_.stop_reason(); }
std::map<std::string, std::string> Context::baggage() const { return running_.baggage(); }
const std::vector<JobId>& Context::parents() const { return running_.parents(); }
void Context::progress(double fraction) { running_.set_progress(fraction); }

void Context::log(std::string text, ReportLevel level) {
  running_.add_line({.level = level, .text = std::move(text)});
}

Enqueuer& Context::client() { return running_.client(); }

std::optional<std::string> Context::parameter_text(const std::string& name) const {
  return running_.parameter(name);
}

void Context::set_parameter_text(const std::string& name, std::string text) {
  running_.set_parameter(name, std::move(text));
}

std::string Context::parent_result_text(std::size_t index) const {
  return running_.parent_result(index);
}

}  // namespace portfire
