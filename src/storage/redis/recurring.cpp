#include "storage/redis/recurring.hpp"

#include "storage/redis/packed.hpp"

namespace portfire::redis {

std::string pack_template(const RecurringRecord& record) {
  PackedWriter bytes;
  bytes.text(record.job_name, 2).text(record.definition, 4).text(record.progress, 4);
  return bytes.bytes();
}

RecurringRecord read_template(std::string_view id, std::string_view stored) {
  PackedReader bytes{stored};
  RecurringRecord record{.id = std::string{id}};
  record.version = bytes.number(7);
  record.created_at = bytes.time();
  if (const std::uint64_t due = bytes.number(7); due > 0) {
    record.due_at = TimePoint{Duration{static_cast<Duration::rep>(due - 1)}};
  }
  record.job_name = bytes.text(2);
  record.definition = bytes.text(4);
  record.progress = bytes.text(4);
  return record;
}

}  // namespace portfire::redis
