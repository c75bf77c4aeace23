#include "bench/raw_scripts.hpp"

#include <chrono>
#include <stdexcept>
#include <string_view>

#include "bench/workload.hpp"
#include "embedded_lua.hpp"

namespace portfire::bench {

namespace scripts = redis::scripts;

namespace {

// Numbers as the scripts pack them: the highest byte first.
std::string packed(std::uint64_t value, std::size_t width) {
  std::string bytes(width, '\0');
  for (std::size_t at = width; at > 0; --at, value >>= 8) {
    bytes[at - 1] = static_cast<char>(static_cast<unsigned char>(value));
  }
  return bytes;
}

std::string packed(std::string_view text, std::size_t width) {
  return packed(text.size(), width) + std::string{text};
}

// Ascending with time, as the driver's are.
std::string id_bytes(std::uint64_t serial) {
  return packed(0x0190'0000'0000'7000, 8) + packed(0x8000'0000'0000'0000 + serial, 8);
}

std::string epoch_after(std::string_view record) {
  std::uint64_t epoch = 0;
  for (const char byte : record.substr(4, 6)) epoch = epoch << 8 | static_cast<unsigned char>(byte);
  return packed(epoch + 1, 6);
}

[[noreturn]] void lose() { throw std::runtime_error{"the floor lost jobs"}; }

}  // namespace

RawScripts::RawScripts(const std::string& native_url, const std::string& name)
    : redis_{native_url},
      tag_{'{' + name + '}'},
      server_{id_bytes(0)},
      times_{packed(1, 7) + packed(1, 7)} {
  for (const redis::Script* script : {&scripts::announce, &scripts::claim, &scripts::commit}) {
    redis_.execute({"SCRIPT", "LOAD", script->text});
  }
  // A job's record from its priority on: none, no attempts, queue, name, no parameters, arguments.
  record_ = packed(0, 4) + packed("default", 1) + packed(no_op.name, 2) + packed("", 4) +
            packed(stored_arguments(), 4);
  // Final and succeeded, with a span for which it is kept.
  const auto day = std::chrono::microseconds{std::chrono::days{1}};
  succeeded_ = packed(5, 1) + packed(1, 1) + packed(2, 1) + packed(0, 16) +
               packed(static_cast<std::uint64_t>(day.count()), 8) + packed("Succeeded", 1) +
               packed("", 4) + packed("", 4);
}

void RawScripts::announce() {
  send(scripts::announce, {server_, "floor", "", "", "30000000", "1", "", "0"});
  redis_.receive();
}

void RawScripts::send_creations(std::uint64_t first_serial, std::size_t count) {
  std::vector<std::string> ids(count);
  const std::string number = std::to_string(count);
  RawRedis::Words words = begin(scripts::commit, 2 * count + 7);
  words.insert(words.end(), {"C", number, "default", "0", "0", "Enqueued", ""});
  for (std::size_t i = 0; i < count; ++i) {
    ids[i] = id_bytes(first_serial + i);
    words.insert(words.end(), {ids[i], record_});
  }
  redis_.send(words);
}

void RawScripts::receive_creations() {
  if (redis_.receive()->element[0]->integer != 1) lose();
}

void RawScripts::send_claim(std::size_t max) {
  send(scripts::claim, {server_, std::to_string(++token_), std::to_string(max), "default"});
}

void RawScripts::send_ends(const redisReply& claimed) {
  const std::size_t count = claimed.elements / 4;
  std::vector<std::string> epochs(count);
  const std::string number = std::to_string(count);
  RawRedis::Words words = begin(scripts::commit, 4 * count + 3);
  words.insert(words.end(), {"F", number, succeeded_});
  for (std::size_t i = 0; i < count; ++i) {
    epochs[i] = epoch_after(text_of(*claimed.element[4 * i + 2]));
    words.insert(words.end(), {text_of(*claimed.element[4 * i + 1]), epochs[i], times_, ""});
  }
  redis_.send(words);
}

void RawScripts::receive_ends() {
  if (redis_.receive()->element[0]->elements != 0) lose();
}

RawRedis::Words RawScripts::begin(const redis::Script& script, std::size_t more) const {
  RawRedis::Words words{"EVALSHA", script.sha1, "1", tag_, "0"};
  words.reserve(words.size() + more);
  return words;
}

void RawScripts::send(const redis::Script& script, const std::vector<std::string>& arguments) {
  RawRedis::Words words = begin(script, arguments.size());
  words.insert(words.end(), arguments.begin(), arguments.end());
  redis_.send(words);
}

}  // namespace portfire::bench
