#pragma once

// Calls that travel together, from the first attempt until each has its answer.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/redis/connection.hpp"
#include "storage/redis/errors.hpp"
#include "storage/redis/gateway.hpp"

namespace portfire::redis {

// Calls that go out together on one connection, and their answers. Threads: one.
class Pipeline {
 public:
  // What is given must live as long as it.
  explicit Pipeline(std::span<const ScriptCall> calls);
  explicit Pipeline(std::span<const std::string_view> command);

  // How answers are waited for.
  struct Terms {
    Duration patience;
    int wait_replicas = 0;
    Duration wait_timeout = {};
    bool asking = false;  // after a redirection by ASK
  };

  // Sends the calls that have no answer yet, and takes the answers. Afterwards those whose error
  // has a remedy count as unanswered again. Throws `StreamError`; answers that came before are
  // kept, unless they are those of changes that replicas had not confirmed yet.
  void exchange(Connection& connection, const Terms& terms);

  [[nodiscard]] bool is_done() const;
  // Of the error among the unanswered whose remedy comes first; nothing when they have none.
  [[nodiscard]] std::optional<std::string> trouble() const;
  // Whether all that is unanswered may be done twice.
  [[nodiscard]] bool is_repeatable() const;
  // By fewer than the terms ask for the last changes were confirmed; how many.
  [[nodiscard]] std::optional<long long> confirmations() const { return confirmations_; }

  [[nodiscard]] std::string_view name() const;
  std::vector<Reply> take_replies();

 private:
  struct Item {
    const ScriptCall* call = nullptr;  // none: the command
    bool with_text = false;
    bool is_done = false;
    std::optional<Reply> reply = {};
  };

  void receive(Connection& connection, const Terms& terms, std::span<Item* const> sent, bool waits);
  void append(std::string& bytes, const Item& item, bool with_text) const;
  void take(Item& item, Reply reply);

  const std::span<const std::string_view> command_;
  std::vector<Item> items_;
  std::optional<long long> confirmations_;
};

}  // namespace portfire::redis
