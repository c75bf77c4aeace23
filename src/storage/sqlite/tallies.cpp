#include "storage/sqlite/tallies.hpp"

#include <algorithm>
#include <tuple>

#include "storage/sqlite/database.hpp"

namespace portfire::sqlite {

namespace {

// Beyond this many different numbers a search would cost more than a second entry for the same one.
constexpr std::size_t searched = 32;

}  // namespace

void Tallies::add(Tally what, std::int64_t first, std::int64_t second, std::int64_t count) {
  const std::size_t end = entries_.size() > searched ? entries_.size() - searched : 0;
  for (std::size_t i = entries_.size(); i > end; --i) {
    Entry& entry = entries_[i - 1];
    if (entry.first == first && entry.second == second && entry.what == what) {
      entry.count += count;
      return;
    }
  }
  entries_.push_back({what, first, second, count});
}

void Tallies::entered(std::int64_t name, std::int64_t now, std::int64_t count) {
  add(Tally::lifetime, name, 0, count);
  add(Tally::hour, now / microseconds_per_hour, name, count);
}

void Tallies::flush(Database& database) {
  if (entries_.size() > searched) {
    std::ranges::sort(entries_, {}, [](const Entry& entry) {
      return std::tuple{entry.what, entry.first, entry.second};
    });
  }
  for (const Entry& entry : entries_) {
    if (entry.count == 0) continue;
    database.run(Query::add_to_tally, entry.what, entry.first, entry.second, entry.count);
  }
  entries_.clear();
}

}  // namespace portfire::sqlite
