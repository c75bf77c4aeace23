#pragma once

// A storage with a little of everything, for calls that are short of memory.

#include <memory>
#include <string>

#include <portfire/client.hpp>
#include <portfire/id.hpp>
#include <portfire/job.hpp>
#include <portfire/recurring.hpp>
#include <portfire/storage/job_store.hpp>
#include <portfire/storage/storage.hpp>

namespace portfire {

inline constexpr Job<int(int, std::string)> work{"work"};
inline constexpr const char* long_text =
    "a text that is too long for any string to hold it in itself";

// What `fill` has made.
struct Made {
  ServerId server;
  ExecutionRef execution;  // held by the server
  JobId waiting;           // in its queue
  JobId failed;
  JobId scheduled;
  BatchId batch;  // with one member
  std::string recurring;
};

Made fill(const std::shared_ptr<Storage>& storage);

// What works on a storage that was filled.
struct Place {
  Place(std::shared_ptr<Storage> filled, Made its)
      : storage{std::move(filled)}, made{std::move(its)} {}

  const std::shared_ptr<Storage> storage;
  const Made made;
  Client client{storage, {.log = silent_sink()}};
  RecurringJobs recurring{storage, {.log = silent_sink()}};
};

// Where what is counted is not what is there; empty when all is well.
std::string fault_of(Storage& storage);

// All that can be seen of a storage, but for ids and times: two that look alike have seen the same.
std::string picture_of(Storage& storage);

}  // namespace portfire
