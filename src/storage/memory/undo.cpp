// Taking back what a refused unit has done.

#include <utility>

#include "storage/memory/indexes.hpp"
#include "storage/memory/moves.hpp"

namespace portfire::memory {
namespace {

void restore(Call& call, Job& image) {
  Job& job = call.data.jobs.at(image.slot);
  detach(call.data, job);
  job = std::move(image);
  attach(call.data, job);
}

}  // namespace

void touch(Call& call, Job& job) {
  if (call.undo != nullptr && call.undo->keeps_images) keep_image(call, job);
}

void keep_image(Call& call, Job& job) {
  Undo* undo = call.undo;
  if (undo == nullptr) return;
  // Members of one batch come one after another.
  if (!undo->images.empty() && undo->images.back().slot == job.slot) return;
  if (undo->imaged.insert(job.slot).second) undo->images.push_back(job);
}

void take_back(Call& call) {
  Undo& undo = *std::exchange(call.undo, nullptr);
  call.batches.clear();
  for (auto image = undo.images.rbegin(); image != undo.images.rend(); ++image) {
    restore(call, *image);
  }
  for (auto key = undo.keys.rbegin(); key != undo.keys.rend(); ++key) {
    call.data.keys.set(key->key, key->before);
  }
  for (auto slot = undo.created.rbegin(); slot != undo.created.rend(); ++slot) {
    remove_job(call, call.data.jobs.at(*slot));
  }
  for (StateName* name : undo.counted) {
    --name->entered;
    call.data.hours.take_back(call.now, *name);
  }
  call.limits.clear();
}

}  // namespace portfire::memory
