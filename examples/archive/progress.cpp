#include "progress.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include <unistd.h>

namespace archive {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds between_frames{100};
constexpr std::chrono::seconds between_lines{5};

std::string bar(double share) {
  constexpr int width = 28;
  const int filled = static_cast<int>(std::lround(share * width));
  std::string text;
  for (int i = 0; i < width; ++i) text += i < filled ? "█" : "░";
  return text;
}

std::string with_one_decimal(double number) {
  const auto tenths = static_cast<std::uint64_t>(std::llround(number * 10));
  return with_commas(tenths / 10) + "." + std::to_string(tenths % 10);
}

}  // namespace

Progress::Progress(const Meter& meter)
    : meter_{meter}, terminal_{isatty(STDOUT_FILENO) == 1}, begin_{Clock::now()} {
  next_ = begin_ + (terminal_ ? Clock::duration::zero() : between_lines);
}

void Progress::show_listing(std::uint64_t files) {
  draw(with_commas(files) + " files found so far, " + with_commas(meter_.files) + " archived" +
       rate());
}

void Progress::show(std::uint64_t done, std::uint64_t total) {
  const double share = total == 0 ? 1 : static_cast<double>(done) / static_cast<double>(total);
  std::string line = terminal_ ? bar(share) + "  " : std::string{};
  line += with_commas(done) + " of " + with_commas(total) + " files, " +
          std::to_string(static_cast<int>(share * 100)) + " %" + rate();
  const std::uint64_t files = meter_.files;
  if (files > 0 && done < total) {
    line += ", about " +
            as_span(seconds() * static_cast<double>(total - done) / static_cast<double>(files)) +
            " left";
  }
  draw(line);
}

void Progress::note(std::string_view text) {
  const std::lock_guard lock{mutex_};
  std::printf("%s%.*s\n%s", terminal_ ? "\r\x1b[K" : "", static_cast<int>(text.size()), text.data(),
              live_.c_str());
  std::fflush(stdout);
}

void Progress::finish() {
  const std::lock_guard lock{mutex_};
  if (!live_.empty()) std::fputs("\r\x1b[K", stdout);
  live_.clear();
}

double Progress::seconds() const {
  return std::chrono::duration<double>{Clock::now() - begin_}.count();
}

void Progress::draw(const std::string& line) {
  const std::lock_guard lock{mutex_};
  if (Clock::now() < next_) return;
  next_ = Clock::now();
  if (terminal_) {
    next_ += between_frames;
    live_ = line;
    std::printf("\r%s\x1b[K", line.c_str());
  } else {
    next_ += between_lines;
    std::printf("%s\n", line.c_str());
  }
  std::fflush(stdout);
}

std::string Progress::rate() const {
  const auto bytes = static_cast<double>(meter_.bytes);
  return bytes == 0 ? std::string{} : ", " + as_size(bytes / std::max(seconds(), 0.001)) + "/s";
}

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string as_size(double bytes) {
  constexpr std::array<const char*, 5> units = {" B", " kB", " MB", " GB", " TB"};
  constexpr double step = 1000;
  std::size_t unit = 0;
  for (; bytes >= step && unit + 1 < units.size(); ++unit) bytes /= step;
  return (unit == 0 ? with_commas(static_cast<std::uint64_t>(bytes)) : with_one_decimal(bytes)) +
         units.at(unit);
}

std::string as_span(double seconds) {
  constexpr std::uint64_t minute = 60;
  constexpr std::uint64_t hour = 3600;
  constexpr double few_seconds = 10;
  if (seconds < few_seconds) return with_one_decimal(seconds) + " s";
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole < minute) return std::to_string(whole) + " s";
  if (whole < hour) {
    return std::to_string(whole / minute) + " min " + std::to_string(whole % minute) + " s";
  }
  return std::to_string(whole / hour) + " h " + std::to_string(whole % hour / minute) + " min";
}

}  // namespace archive
