#include "storage/redis/protocol.hpp"

#include <hiredis/hiredis.h>

#include <new>
#include <utility>
#include <vector>

#include "storage/redis/stream.hpp"

namespace portfire::redis {

namespace {

// hiredis asks for an object for each part of a reply, parents first. Only the outermost is its own
// to free; the others have their places in their parents.
void* put(const redisReadTask* task, Reply reply) {
  if (task->parent == nullptr) return new Reply{std::move(reply)};
  auto* const parent = static_cast<Reply*>(task->parent->obj);
  Reply& place = parent->item(static_cast<std::size_t>(task->idx));
  place = std::move(reply);
  return &place;
}

void* put_text(const redisReadTask* task, char* bytes, std::size_t size) {
  std::string text{bytes, size};
  return put(task, task->type == REDIS_REPLY_ERROR ? Reply::error(std::move(text))
                                                   : Reply::text(std::move(text)));
}

redisReplyObjectFunctions functions() {
  redisReplyObjectFunctions made{};
  made.createString = put_text;
  // The type of the count has changed between versions of hiredis.
  made.createArray = [](const redisReadTask* task, auto count) -> void* {
    return put(task, Reply::array(std::vector<Reply>(static_cast<std::size_t>(count))));
  };
  made.createInteger = [](const redisReadTask* task, long long value) {
    return put(task, Reply::integer(value));
  };
  made.createNil = [](const redisReadTask* task) { return put(task, Reply{}); };
  made.freeObject = [](void* reply) { delete static_cast<Reply*>(reply); };
  return made;
}

redisReader* new_reader() {
  static redisReplyObjectFunctions ours = functions();
  redisReader* const reader = ::redisReaderCreateWithFunctions(&ours);
  if (reader == nullptr) throw std::bad_alloc{};
  return reader;
}

}  // namespace

void append_command(std::string& bytes, std::span<const std::string_view> words) {
  constexpr std::size_t usual_words = 32;
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  texts.reserve(usual_words);
  sizes.reserve(usual_words);
  for (const std::string_view word : words) {
    texts.push_back(word.data() == nullptr ? "" : word.data());
    sizes.push_back(word.size());
  }
  char* formatted = nullptr;
  const auto size = ::redisFormatCommandArgv(&formatted, static_cast<int>(words.size()),
                                             texts.data(), sizes.data());
  if (size < 0) throw std::bad_alloc{};
  const std::unique_ptr<char, void (*)(char*)> owner{formatted, ::redisFreeCommand};
  bytes.append(formatted, static_cast<std::size_t>(size));
}

void ReplyReader::Free::operator()(redisReader* reader) const noexcept {
  ::redisReaderFree(reader);
}

ReplyReader::ReplyReader() : reader_{new_reader()} {}

ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(std::string_view bytes) {
  if (::redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK) {
    throw StreamError{StreamError::Kind::lost, reader_->errstr};
  }
}

std::optional<Reply> ReplyReader::next() {
  void* object = nullptr;
  if (::redisReaderGetReply(reader_.get(), &object) != REDIS_OK) {
    throw StreamError{StreamError::Kind::lost,
                      std::string{"this is not what a Redis server answers: "} + reader_->errstr};
  }
  if (object == nullptr) return std::nullopt;
  const std::unique_ptr<Reply> reply{static_cast<Reply*>(object)};
  return std::move(*reply);
}

}  // namespace portfire::redis
