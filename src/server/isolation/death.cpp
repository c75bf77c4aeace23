#include "server/isolation/death.hpp"

#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>

#include "crash/names.hpp"

namespace portfire::server::isolation {

namespace {

std::string signal_text(int signal) {
  const char* meaning = sigdescr_np(signal);
  const std::string name = crash::signal_name(signal);
  return meaning == nullptr ? name : name + " (" + meaning + ")";
}

double seconds_of(Duration span) { return std::chrono::duration<double>{span}.count(); }

}  // namespace

std::string describe(const ProcessDied::Facts& facts, const std::string& because) {
  if (facts.killed) return "its process was killed by the server: " + because;
  if (facts.signal) {
    std::string text = "its process was ended by " + signal_text(*facts.signal);
    // Nobody else of the system's sends that one.
    if (*facts.signal == SIGKILL) text += ", which the system sends when memory has run out";
    return text;
  }
  if (facts.exit_status) {
    return "its process exited with status " + std::to_string(*facts.exit_status);
  }
  return "its process is gone, and nobody knows how it ended";
}

ErrorRecord record_of(const std::string& message, const ProcessDied::Facts& facts,
                      const std::vector<std::string>& stack) {
  nlohmann::json process{{"id", facts.process},
                         {"killed_by_server", facts.killed},
                         {"core_dumped", facts.core_dumped},
                         {"user_seconds", seconds_of(facts.user_time)},
                         {"system_seconds", seconds_of(facts.system_time)},
                         {"earlier_jobs", facts.earlier_jobs}};
  if (facts.signal) {
    process["signal"] = crash::signal_name(*facts.signal);
    process["signal_number"] = *facts.signal;
  }
  if (facts.exit_status) process["exit_status"] = *facts.exit_status;
  if (facts.peak_memory_bytes) process["peak_memory_bytes"] = *facts.peak_memory_bytes;
  if (facts.crashes > 0) process["crashes"] = facts.crashes;
  const std::string type = "portfire::ProcessDied";
  nlohmann::json data{{"type", type}, {"message", message}, {"process", std::move(process)}};
  if (!stack.empty()) data["stack"] = stack;
  return {.type = type, .message = message, .data = data.dump()};
}

}  // namespace portfire::server::isolation
