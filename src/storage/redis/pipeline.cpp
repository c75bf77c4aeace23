#include "storage/redis/pipeline.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "storage/redis/protocol.hpp"

namespace portfire::redis {

Pipeline::Pipeline(std::span<const ScriptCall> calls) {
  items_.reserve(calls.size());
  for (const ScriptCall& call : calls) items_.push_back({.call = &call});
}

Pipeline::Pipeline(std::span<const std::string_view> command) : command_{command}, items_(1) {}

void Pipeline::append(std::string& bytes, const Item& item, bool with_text) const {
  if (item.call == nullptr) {
    append_command(bytes, command_);
    return;
  }
  const ScriptCall& call = *item.call;
  const std::string count = std::to_string(call.keys.size());
  std::vector<std::string_view> words;
  words.reserve(3 + call.keys.size() + call.arguments.size());
  words.emplace_back(with_text ? "EVAL" : "EVALSHA");
  words.push_back(with_text ? call.script->text : call.script->sha1);
  words.emplace_back(count);
  words.insert(words.end(), call.keys.begin(), call.keys.end());
  words.insert(words.end(), call.arguments.begin(), call.arguments.end());
  append_command(bytes, words);
}

void Pipeline::exchange(Connection& connection, const Terms& terms) {
  using std::chrono::milliseconds;
  static constexpr std::string_view asking = "ASKING";
  std::string bytes;
  bool has_written = false;
  std::set<const Script*> told;  // the server reads in order: one text each is enough
  std::vector<Item*> sent;
  for (Item& item : items_) {
    if (item.is_done) continue;
    sent.push_back(&item);
    if (terms.asking) append_command(bytes, {&asking, 1});
    append(bytes, item, item.with_text && told.insert(item.call->script).second);
    has_written = has_written || (item.call != nullptr && item.call->writes);
  }
  const bool waits = has_written && terms.wait_replicas > 0;
  if (waits) {
    const std::string replicas = std::to_string(terms.wait_replicas);
    const std::string span =
        std::to_string(std::chrono::ceil<milliseconds>(terms.wait_timeout).count());
    const std::string_view words[] = {"WAIT", replicas, span};
    append_command(bytes, words);
  }
  connection.send(bytes, terms.patience);
  try {
    receive(connection, terms, sent, waits);
  } catch (const StreamError&) {
    // Without the confirmation nobody knows whether the next master has what was answered.
    for (Item* item : sent) {
      if (waits && item->call != nullptr && item->call->writes) item->is_done = false;
    }
    throw;
  }
}

void Pipeline::receive(Connection& connection, const Terms& terms, std::span<Item* const> sent,
                       bool waits) {
  for (Item* item : sent) {
    if (terms.asking) static_cast<void>(connection.receive(terms.patience));
    take(*item, *connection.receive(terms.patience));
  }
  if (!waits) return;
  const Reply confirmed = *connection.receive(terms.patience + terms.wait_timeout);
  // Where it may not be asked, nobody has confirmed.
  const long long count = confirmed.is_error() ? 0 : confirmed.as_integer();
  confirmations_.reset();
  if (count < terms.wait_replicas) confirmations_ = count;
}

void Pipeline::take(Item& item, Reply reply) {
  item.is_done = true;
  if (reply.is_error()) {
    const Remedy remedy = remedy_of(reply.message());
    item.is_done = remedy == Remedy::none || remedy == Remedy::wait;
    if (remedy == Remedy::load && item.call != nullptr) item.with_text = true;
  }
  item.reply = std::move(reply);
}

bool Pipeline::is_done() const {
  return std::ranges::all_of(items_, [](const Item& item) { return item.is_done; });
}

std::optional<std::string> Pipeline::trouble() const {
  const Item* worst = nullptr;
  Remedy remedy = Remedy::none;
  for (const Item& item : items_) {
    if (item.is_done || !item.reply) continue;
    const Remedy its = remedy_of(item.reply->message());
    if (worst != nullptr && its <= remedy) continue;
    worst = &item;
    remedy = its;
  }
  if (worst == nullptr) return std::nullopt;
  return worst->reply->message();
}

bool Pipeline::is_repeatable() const {
  return std::ranges::all_of(items_, [](const Item& item) {
    return item.is_done || item.call == nullptr || item.call->repeatable;
  });
}

std::string_view Pipeline::name() const {
  if (items_.empty()) return "nothing";
  return items_.front().call == nullptr ? command_.front() : items_.front().call->script->name;
}

std::vector<Reply> Pipeline::take_replies() {
  std::vector<Reply> replies;
  replies.reserve(items_.size());
  for (Item& item : items_) replies.push_back(std::move(*item.reply));
  return replies;
}

}  // namespace portfire::redis
