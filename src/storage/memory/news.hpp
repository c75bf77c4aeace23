#pragma once

// What is told to others once a verb is done and the storage is unlocked.

#include <algorithm>
#include <string>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/storage/wakeup.hpp>

#include "storage/memory/queue.hpp"

namespace portfire::memory {

class News {
 public:
  // `jobs_wanted`: whether anybody waits for jobs; if not, their ends are not even noted.
  explicit News(bool jobs_wanted) : jobs_wanted_{jobs_wanted} {}

  void queue(const Queue& queue) {
    if (queues_.empty() || queues_.back() != &queue) queues_.push_back(&queue);
  }
  void job(JobId id) {
    if (jobs_wanted_) jobs_.push_back(id);
  }
  void server(ServerId id) { servers_.push_back(id); }
  void due() { due_ = true; }
  void settings() { settings_ = true; }
  void recurring() { recurring_ = true; }

  // The topics, each once. Needs no lock: queues keep their names for ever.
  [[nodiscard]] std::vector<std::string> topics() const {
    std::vector<std::string> all;
    if (due_) all.push_back(topics::due());
    if (settings_) all.push_back(topics::settings());
    if (recurring_) all.push_back(topics::recurring());
    for (const Queue* queue : queues_) all.push_back(topics::queue(queue->name));
    for (const ServerId id : servers_) all.push_back(topics::server(id));
    for (const JobId id : jobs_) all.push_back(topics::job(id));
    if (all.size() > 1) {
      std::sort(all.begin(), all.end());
      all.erase(std::unique(all.begin(), all.end()), all.end());
    }
    return all;
  }

 private:
  const bool jobs_wanted_;
  bool due_ = false;
  bool settings_ = false;
  bool recurring_ = false;
  std::vector<const Queue*> queues_;
  std::vector<ServerId> servers_;
  std::vector<JobId> jobs_;
};

}  // namespace portfire::memory
