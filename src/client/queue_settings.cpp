#include <algorithm>

#include <portfire/client.hpp>

#include "model/rules.hpp"

namespace portfire {

namespace {

// Reads, changes and stores the settings of a queue until nobody was faster.
template <class Edit>
void edit_queue(Storage& storage, const std::string& queue, Edit edit) {
  rules::check_queue_name("queue", queue);
  bool stored = false;
  while (!stored) {
    const auto all = storage.coordination().queue_settings();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const QueueSettings& item) { return item.name == queue; });
    QueueSettings settings = found == all.end() ? QueueSettings{.name = queue} : *found;
    edit(settings);
    stored = storage.coordination().set_queue(settings);
  }
}

}  // namespace

void Client::pause_queue(const std::string& queue, const std::string& by,
                         const std::string& reason) {
  edit_queue(*storage(), queue, [&](QueueSettings& settings) {
    settings.paused = true;
    settings.paused_by = by;
    settings.pause_reason = reason;
  });
}

void Client::resume_queue(const std::string& queue) {
  edit_queue(*storage(), queue, [](QueueSettings& settings) {
    settings.paused = false;
    settings.paused_by.clear();
    settings.pause_reason.clear();
  });
}

}  // namespace portfire
