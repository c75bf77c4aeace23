#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <concepts>

#include "crash/record.hpp"

namespace portfire::crash {

namespace {

std::string_view take(std::string_view& text, char end) {
  const std::size_t size = text.find(end);
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(size == std::string_view::npos ? text.size() : size + 1);
  return taken;
}

template <std::integral Number>
bool read_number(std::string_view text, Number& number) {
  const bool hexadecimal = text.starts_with("0x");
  if (hexadecimal) text.remove_prefix(2);
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number, hexadecimal ? 16 : 10);
  return result.ec == std::errc{} && result.ptr == end;
}

bool read_running(std::string_view text, Record& record) {
  const auto server = parse_id<ServerId>(take(text, ' '));
  const auto job = parse_id<JobId>(take(text, ' '));
  RecordedExecution execution;
  if (!server || !job || !read_number(take(text, ' '), execution.epoch)) return false;
  const auto* const part = std::ranges::find(part_words, take(text, ' '));
  if (part == part_words.end()) return false;
  execution.server = *server;
  execution.job = *job;
  execution.part = static_cast<Part>(part - part_words.begin());
  execution.name = text;
  record.running.push_back(std::move(execution));
  return true;
}

bool read_frame(std::string_view text, Record& record) {
  CodeLocation location;
  if (!read_number(take(text, ' '), location.offset)) return false;
  location.build_id = take(text, ' ');
  if (location.build_id == "-") location.build_id.clear();
  location.module = text;
  record.stack.push_back(std::move(location));
  return true;
}

bool read_line(std::string_view line, Record& record) {
  const std::string_view what = take(line, ' ');
  if (what == "signal") return read_number(line, record.signal);
  if (what == "code") return read_number(line, record.code);
  if (what == "address") return read_number(line, record.address.emplace());
  if (what == "sender") return read_number(line, record.sender.emplace());
  if (what == "process") return read_number(line, record.process);
  if (what == "time") return read_number(line, record.time);
  if (what == "running") return read_running(line, record);
  if (what == "elsewhere") return record.elsewhere = true;
  return false;
}

}  // namespace

std::optional<Record> read_record(std::string_view text) {
  // A line without its end may be cut.
  text = text.substr(0, text.rfind('\n') + 1);
  if (take(text, '\n') != "portfire crash 1") return std::nullopt;
  Record record;
  std::string_view line = take(text, '\n');
  for (; line != "listed"; line = take(text, '\n')) {
    if (!read_line(line, record)) return std::nullopt;
  }
  if (record.signal == 0) return std::nullopt;
  while (!text.empty()) {
    line = take(text, '\n');
    if (take(line, ' ') != "frame" || !read_frame(line, record)) break;
  }
  return record;
}

std::optional<Record> read_record(int descriptor) {
  constexpr std::size_t most_bytes = 1 << 20;
  std::string text(most_bytes, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got =
        pread(descriptor, text.data() + size, text.size() - size, static_cast<off_t>(size));
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  return read_record(std::string_view{text}.substr(0, size));
}

}  // namespace portfire::crash
