#include "storage/common/topic_list.hpp"

#include <utility>

namespace portfire {

namespace {

// One is not enough: whoever has just been woken is not waiting, and comes back.
constexpr std::size_t unheard_limit = 4;

}  // namespace

void TopicList::add_subscriber(const Topics& topics) {
  const std::scoped_lock guard{mutex_};
  for (const std::string& name : topics) ++topics_[name].subscribers;
}

bool TopicList::remove_subscriber(const Topics& topics) {
  const std::scoped_lock guard{mutex_};
  for (const std::string& name : topics) {
    const auto found = topics_.find(name);
    Topic& topic = found->second;
    if (--topic.subscribers > 0) continue;
    const bool was_listed = std::exchange(topic.listed, false);
    topic.wanted = false;
    if (was_listed || changed_.contains(name)) {
      changed_.insert(name);  // forgotten when it is withdrawn
    } else {
      topics_.erase(found);
    }
  }
  return !changed_.empty();
}

bool TopicList::begin_wait(const Topics& topics) {
  const std::scoped_lock guard{mutex_};
  for (const std::string& name : topics) {
    Topic& topic = topics_[name];
    ++topic.waiting;
    topic.unheard = 0;
    if (topic.listed) continue;
    topic.wanted = true;
    changed_.insert(name);
  }
  return !changed_.empty();
}

void TopicList::end_wait(const Topics& topics) {
  const std::scoped_lock guard{mutex_};
  for (const std::string& name : topics) --topics_[name].waiting;
}

bool TopicList::hear(const std::string& name) {
  const std::scoped_lock guard{mutex_};
  const auto found = topics_.find(name);
  if (found == topics_.end()) return false;
  Topic& topic = found->second;
  if (!topic.listed || topic.waiting > 0 || ++topic.unheard < unheard_limit) return false;
  topic.listed = false;
  changed_.insert(name);
  return true;
}

TopicList::Changes TopicList::take_changes() {
  const std::scoped_lock guard{mutex_};
  Changes changes;
  for (const std::string& name : std::exchange(changed_, {})) {
    const auto found = topics_.find(name);
    if (found == topics_.end()) continue;
    Topic& topic = found->second;
    if (std::exchange(topic.wanted, false)) {
      topic.listed = true;
      changes.listed.push_back(name);
      continue;
    }
    if (!topic.listed) changes.withdrawn.push_back(name);
    if (topic.subscribers == 0) topics_.erase(found);
  }
  return changes;
}

void TopicList::reset() {
  const std::scoped_lock guard{mutex_};
  changed_.clear();
  for (auto topic = topics_.begin(); topic != topics_.end();) {
    topic->second.listed = topic->second.wanted = false;
    topic = topic->second.subscribers == 0 ? topics_.erase(topic) : std::next(topic);
  }
}

}  // namespace portfire
