#include "storage/redis/channels.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

#include <portfire/id.hpp>
#include <portfire/storage/wakeup.hpp>

namespace portfire::redis {

namespace {

constexpr std::string_view jobs_channel = "jobs";
constexpr std::string_view job_topic = "job/";
constexpr std::size_t half = 8;  // bytes of an id

std::optional<JobId> job_in(std::string_view topic) {
  if (!topic.starts_with(job_topic)) return std::nullopt;
  return parse_id<JobId>(topic.substr(job_topic.size()));
}

void append(std::string& bytes, std::uint64_t value) {
  for (std::size_t at = 0; at < half; ++at) {
    bytes += static_cast<char>(static_cast<unsigned char>(value >> (8 * (half - 1 - at))));
  }
}

std::uint64_t number_in(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

std::string channel_of(std::string_view topic) {
  return std::string{job_in(topic) ? jobs_channel : topic};
}

std::string message_of(std::string_view topic) {
  std::string bytes;
  if (const auto job = job_in(topic)) {
    append(bytes, job->high());
    append(bytes, job->low());
  }
  return bytes;
}

std::vector<std::string> topics_in(std::string_view channel, std::string_view message) {
  if (channel != jobs_channel || message.empty()) return {std::string{channel}};
  std::vector<std::string> topics;
  for (; message.size() >= 2 * half; message.remove_prefix(2 * half)) {
    topics.push_back(topics::job(
        JobId{number_in(message.substr(0, half)), number_in(message.substr(half, half))}));
  }
  return topics;
}

}  // namespace portfire::redis
