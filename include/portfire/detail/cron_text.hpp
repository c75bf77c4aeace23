#pragma once

/// The text of a cron expression: a literal that is pointed to, or a copy that is owned. Unlike a
/// `std::string` it can be part of a constant.

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace portfire::detail {

class CronText {
 public:
  constexpr CronText(const char* literal) : text_{literal} {}

  static constexpr CronText copy_of(std::string_view text) {
    CronText copy{""};
    copy.own(text);
    return copy;
  }

  constexpr CronText(const CronText& other) : text_{other.text_} {
    if (other.owned_ != nullptr) own(other.text_);
  }
  constexpr CronText(CronText&& other) noexcept
      : text_{std::exchange(other.text_, "")}, owned_{std::exchange(other.owned_, nullptr)} {}
  constexpr CronText& operator=(CronText other) noexcept {
    std::swap(text_, other.text_);
    std::swap(owned_, other.owned_);
    return *this;
  }
  constexpr ~CronText() { delete[] owned_; }

  [[nodiscard]] constexpr std::string_view view() const { return text_; }

 private:
  constexpr void own(std::string_view text) {
    owned_ = new char[text.size()];
    std::ranges::copy(text, owned_);
    text_ = {owned_, text.size()};
  }

  std::string_view text_;
  char* owned_ = nullptr;
};

}  // namespace portfire::detail
