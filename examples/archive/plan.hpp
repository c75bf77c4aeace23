#pragma once

// Creates the jobs of a run, each exactly once, however often runs are killed on the way.

#include <cstdint>
#include <functional>
#include <string>

#include <portfire/client.hpp>

#include "listing.hpp"
#include "places.hpp"

namespace archive {

struct Plan {
  std::uint64_t files = 0;
  std::uint64_t known = 0;  // of these: have had a job before this run
  Omissions omissions;
  portfire::JobId manifest;
  std::string fingerprint;  // of the jobs of all files
};

// A job per file and version of it, known by its unique key: the key is held for as long as the job
// is kept, so whoever asks for it again gets the job there is, waiting or done. The new ones are a
// batch, and the manifest waits for that and for those of former runs. `on_chunk` hears how many
// files have been seen so far.
Plan make_plan(portfire::Client& client, const Places& places,
               const std::function<void(std::uint64_t files)>& on_chunk);

}  // namespace archive
