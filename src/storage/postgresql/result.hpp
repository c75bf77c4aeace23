#pragma once

// The rows that a statement answered with, read in PostgreSQL's binary format.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/time.hpp>

struct pg_result;

namespace portfire::postgresql {

struct ClearResult {
  void operator()(pg_result* result) const noexcept;
};
using ResultHandle = std::unique_ptr<pg_result, ClearResult>;

// Begins before the first row. Every reader takes a column of the present row, from 0; of NULL it
// makes zero, false, nil or the empty text. Views are valid as long as the result.
// Threads: one at a time.
class Result {
 public:
  explicit Result(ResultHandle handle) : handle_{std::move(handle)} {}

  bool next();
  [[nodiscard]] std::size_t rows() const;
  // Rows that an INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changes() const;

  [[nodiscard]] bool is_null(int column) const;
  // smallint, integer, bigint or boolean.
  template <class Number = std::int64_t>
  [[nodiscard]] Number number(int column) const {
    return static_cast<Number>(read_number(bytes(column)));
  }
  [[nodiscard]] bool flag(int column) const { return read_number(bytes(column)) != 0; }
  [[nodiscard]] double real(int column) const;  // double precision
  [[nodiscard]] std::string_view text(int column) const { return bytes(column); }
  [[nodiscard]] std::string string(int column) const { return std::string{bytes(column)}; }
  // The text of a jsonb (text and json are read by `text`).
  [[nodiscard]] std::string_view json(int column) const;
  template <class IdType>
  [[nodiscard]] IdType id(int column) const {
    return read_id<IdType>(bytes(column));
  }
  // `infinity` is `TimePoint::max()`.
  [[nodiscard]] TimePoint time(int column) const;
  [[nodiscard]] Duration span(int column) const { return Duration{number(column)}; }  // bigint

  [[nodiscard]] std::optional<std::int64_t> maybe_number(int column) const {
    if (is_null(column)) return std::nullopt;
    return number(column);
  }
  [[nodiscard]] std::optional<TimePoint> maybe_time(int column) const {
    if (is_null(column)) return std::nullopt;
    return time(column);
  }
  template <class IdType>
  [[nodiscard]] std::optional<IdType> maybe_id(int column) const {
    if (is_null(column)) return std::nullopt;
    return id<IdType>(column);
  }

  [[nodiscard]] std::vector<std::string> texts(int column) const;     // text[]
  [[nodiscard]] std::vector<std::int64_t> numbers(int column) const;  // bigint[], integer[] …
  template <class IdType>
  [[nodiscard]] std::vector<IdType> ids(int column) const {  // uuid[]
    std::vector<IdType> all;
    for (const std::string_view element : elements(column)) {
      all.push_back(read_id<IdType>(element));
    }
    return all;
  }
  // A jsonb object of strings.
  [[nodiscard]] std::map<std::string, std::string> text_map(int column) const;

 private:
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] std::vector<std::string_view> elements(int column) const;
  static std::int64_t read_number(std::string_view bytes);

  template <class IdType>
  static IdType read_id(std::string_view bytes) {
    constexpr std::size_t half = 8;
    if (bytes.size() != 2 * half) return IdType{};
    return IdType{static_cast<std::uint64_t>(read_number(bytes.substr(0, half))),
                  static_cast<std::uint64_t>(read_number(bytes.substr(half)))};
  }

  ResultHandle handle_;
  int row_ = -1;
};

}  // namespace portfire::postgresql
