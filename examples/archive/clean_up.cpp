#include "clean_up.hpp"

#include <charconv>
#include <filesystem>
#include <optional>

namespace archive {

namespace {

struct Author {
  portfire::JobId job;
  std::uint64_t epoch = 0;
};

std::optional<Author> author_of(const std::string& name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string::npos) return std::nullopt;
  const auto job = portfire::parse_id<portfire::JobId>(name.substr(0, dash));
  std::uint64_t epoch = 0;
  const char* const end = name.data() + name.size();
  const auto [read, error] = std::from_chars(name.data() + dash + 1, end, epoch);
  if (!job || error != std::errc{} || read != end) return std::nullopt;
  return Author{*job, epoch};
}

}  // namespace

std::string partial_name(portfire::JobId job, std::uint64_t epoch) {
  return to_string(job) + "-" + std::to_string(epoch);
}

int remove_abandoned(portfire::Client& client, const Places& places) {
  int removed = 0;
  for (const auto& entry : std::filesystem::directory_iterator{places.partial()}) {
    const auto author = author_of(entry.path().filename().string());
    if (!author) continue;
    const auto job = client.find(author->job);
    const bool goes_on =
        job && job->kind == portfire::StateKind::running && job->epoch == author->epoch;
    if (!goes_on && std::filesystem::remove(entry.path())) ++removed;
  }
  return removed;
}

}  // namespace archive
