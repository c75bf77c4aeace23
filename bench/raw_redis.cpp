#include "bench/raw_redis.hpp"

#include <poll.h>

#include <new>

#include <portfire/error.hpp>
#include <portfire/open.hpp>

namespace portfire::bench {

namespace {

// What a URL that the driver has accepted says, so far as one server without TLS is concerned.
struct Target {
  std::string socket;
  std::string host;
  int port = 6379;
  std::string user;
  std::string password;
  std::string database;
};

Target target_of(const std::string& text) {
  const StorageUrl url = parse_storage_url(text);
  std::string rest = url.rest.substr(2);
  Target target;
  for (const auto& [name, value] : url.options) {
    if (name == "db") target.database = value;
  }
  if (const auto at = rest.rfind('@'); !rest.starts_with('/') && at != std::string::npos) {
    const auto colon = rest.find(':');
    target.user = rest.substr(0, colon);
    target.password = rest.substr(colon + 1, at - colon - 1);
    rest.erase(0, at + 1);
  }
  if (rest.starts_with('/')) {
    target.socket = rest;
    return target;
  }
  if (const auto slash = rest.find('/'); slash != std::string::npos) {
    target.database = rest.substr(slash + 1);
    rest.erase(slash);
  }
  const bool is_bracketed = rest.starts_with('[');
  const auto colon = rest.find(':', is_bracketed ? rest.find(']') : 0);
  if (colon != std::string::npos) target.port = std::stoi(rest.substr(colon + 1));
  target.host = rest.substr(0, colon);
  if (is_bracketed) target.host = target.host.substr(1, target.host.find(']') - 1);
  return target;
}

redisContext* connect(const Target& target) {
  redisContext* const connection = target.socket.empty()
                                       ? redisConnect(target.host.c_str(), target.port)
                                       : redisConnectUnix(target.socket.c_str());
  if (connection == nullptr) throw std::bad_alloc{};
  return connection;
}

}  // namespace

RawRedis::RawRedis(const std::string& url) {
  const Target target = target_of(url);
  connection_.reset(connect(target));
  if (connection_->err != 0) fail();
  if (!target.password.empty()) {
    Words words{"AUTH"};
    if (!target.user.empty()) words.emplace_back(target.user);
    words.emplace_back(target.password);
    execute(words);
  }
  if (!target.database.empty()) execute({"SELECT", target.database});
}

void RawRedis::send(const Words& words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  texts.reserve(words.size());
  sizes.reserve(words.size());
  for (const std::string_view word : words) {
    texts.push_back(word.data() == nullptr ? "" : word.data());
    sizes.push_back(word.size());
  }
  int done = redisAppendCommandArgv(connection_.get(), static_cast<int>(words.size()), texts.data(),
                                    sizes.data());
  // At once: the server works while the next command is put together.
  int all_sent = 0;
  while (done == REDIS_OK && all_sent == 0) done = redisBufferWrite(connection_.get(), &all_sent);
  if (done != REDIS_OK) fail();
}

RawRedis::Reply RawRedis::receive() {
  void* reply = nullptr;
  if (redisGetReply(connection_.get(), &reply) != REDIS_OK) fail();
  Reply owned{static_cast<redisReply*>(reply)};
  if (owned->type == REDIS_REPLY_ERROR) {
    throw StorageError{std::string{text_of(*owned)}, {.operation = "bench"}};
  }
  return owned;
}

bool RawRedis::is_readable(std::chrono::milliseconds timeout) const {
  pollfd waiting{.fd = connection_->fd, .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, static_cast<int>(timeout.count())) > 0;
}

std::string RawRedis::info(std::string_view section, const std::string& field) {
  const Reply reply = execute({"INFO", section});
  const std::string_view text = text_of(*reply);
  const auto at = text.find('\n' + field + ':');
  if (at == std::string_view::npos) return {};
  const auto begin = at + field.size() + 2;
  return std::string{text.substr(begin, text.find('\r', begin) - begin)};
}

void RawRedis::fail() const { throw StorageError{connection_->errstr, {.operation = "bench"}}; }

}  // namespace portfire::bench
