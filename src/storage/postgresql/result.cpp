#include "storage/postgresql/result.hpp"

#include <libpq-fe.h>

#include <bit>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "storage/postgresql/parameters.hpp"

namespace portfire::postgresql {

void ClearResult::operator()(pg_result* result) const noexcept { PQclear(result); }

bool Result::next() { return ++row_ < PQntuples(handle_.get()); }

std::size_t Result::rows() const { return static_cast<std::size_t>(PQntuples(handle_.get())); }

std::int64_t Result::changes() const {
  const std::string_view text{PQcmdTuples(handle_.get())};
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

bool Result::is_null(int column) const { return PQgetisnull(handle_.get(), row_, column) != 0; }

std::string_view Result::bytes(int column) const {
  return {PQgetvalue(handle_.get(), row_, column),
          static_cast<std::size_t>(PQgetlength(handle_.get(), row_, column))};
}

// Whatever its width, with its sign.
std::int64_t Result::read_number(std::string_view bytes) {
  std::uint64_t bits = 0;
  if (!bytes.empty() && bytes.size() > 1 && (static_cast<unsigned char>(bytes[0]) & 0x80U) != 0) {
    bits = ~bits;
  }
  for (const char byte : bytes) bits = (bits << 8U) | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(bits);
}

double Result::real(int column) const { return std::bit_cast<double>(read_number(bytes(column))); }

std::string_view Result::json(int column) const {
  std::string_view text = bytes(column);
  if (!text.empty()) text.remove_prefix(1);  // the version
  return text;
}

TimePoint Result::time(int column) const {
  if (is_null(column)) return {};
  const std::int64_t since = read_number(bytes(column));
  constexpr auto infinity = std::numeric_limits<std::int64_t>::max();
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  if (since == least) return TimePoint::min();
  if (since > infinity - first_instant.time_since_epoch().count()) return TimePoint::max();
  return first_instant + Duration{since};
}

std::vector<std::string_view> Result::elements(int column) const {
  std::vector<std::string_view> all;
  constexpr std::size_t width = 4;
  constexpr std::size_t header = 3 * width;     // dimensions, flags, type
  constexpr std::size_t dimension = 2 * width;  // size, first index
  std::string_view rest = bytes(column);
  if (rest.size() < header + dimension) return all;
  const std::int64_t size = read_number(rest.substr(header, width));
  rest.remove_prefix(header + dimension);
  for (std::int64_t i = 0; i < size; ++i) {
    const std::int64_t length = read_number(rest.substr(0, width));
    rest.remove_prefix(width);
    if (length < 0) {
      all.emplace_back();
      continue;
    }
    all.push_back(rest.substr(0, static_cast<std::size_t>(length)));
    rest.remove_prefix(static_cast<std::size_t>(length));
  }
  return all;
}

std::vector<std::string> Result::texts(int column) const {
  const auto views = elements(column);
  return {views.begin(), views.end()};
}

std::vector<std::int64_t> Result::numbers(int column) const {
  std::vector<std::int64_t> all;
  for (const std::string_view element : elements(column)) all.push_back(read_number(element));
  return all;
}

std::map<std::string, std::string> Result::text_map(int column) const {
  std::map<std::string, std::string> all;
  if (is_null(column)) return all;
  const auto object = nlohmann::json::parse(json(column), nullptr, false);
  if (!object.is_object()) return all;
  for (const auto& [name, value] : object.items()) {
    if (value.is_string()) all.emplace(name, value.get<std::string>());
  }
  return all;
}

}  // namespace portfire::postgresql
