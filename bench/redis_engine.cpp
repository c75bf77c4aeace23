#include "bench/redis_engine.hpp"

#include <chrono>
#include <map>
#include <string>

#include <portfire/error.hpp>

#include "bench/raw_redis.hpp"
#include "bench/redis_floor.hpp"
#include "bench/redis_post.hpp"

namespace portfire::bench {

namespace {

// One step of a walk over all keys. Of kinds with many keys it weighs some; of lists and the like
// the server weighs a few items.
constexpr const char* weigh =
    "local found = redis.call('SCAN', ARGV[1], 'MATCH', KEYS[1] .. '*', 'COUNT', 10000)\n"
    "local names, counts, bytes, weighed = {}, {}, {}, {}\n"
    "for _, name in ipairs(found[2]) do\n"
    "  local kind = string.match(name, '^:?%a', #KEYS[1] + 1) or 'root'\n"
    "  if #kind == 2 then kind = string.match(name, '^:(%a+)', #KEYS[1] + 1) end\n"
    "  if not counts[kind] then\n"
    "    names[#names + 1], counts[kind], bytes[kind], weighed[kind] = kind, 0, 0, 0\n"
    "  end\n"
    "  counts[kind] = counts[kind] + 1\n"
    "  if counts[kind] <= 50 or counts[kind] % 50 == 0 then\n"
    "    bytes[kind] = bytes[kind] + redis.call('MEMORY', 'USAGE', name)\n"
    "    weighed[kind] = weighed[kind] + 1\n"
    "  end\n"
    "end\n"
    "local answer = {found[1]}\n"
    "for _, kind in ipairs(names) do\n"
    "  answer[#answer + 1] = kind\n"
    "  answer[#answer + 1] = math.floor(bytes[kind] / weighed[kind] * counts[kind])\n"
    "end\n"
    "return answer";

// Keys of one job have a letter for a kind.
std::string kind_named(std::string_view kind) {
  static const std::map<std::string_view, const char*> letters = {
      {"j", "job"}, {"a", "arguments"}, {"e", "extra"},  {"h", "history"},
      {"l", "log"}, {"k", "children"},  {"p", "parents"}};
  const auto found = letters.find(kind);
  return found == letters.end() ? std::string{kind} : found->second;
}

Sizes sizes(const Place& place) {
  RawRedis server{place.native_url};
  const std::string tag = '{' + place.name + '}';
  Sizes sizes;
  std::string cursor = "0";
  do {
    const auto answer = server.execute({"EVAL", weigh, "1", tag, cursor});
    cursor = text_of(*answer->element[0]);
    for (std::size_t i = 1; i + 1 < answer->elements; i += 2) {
      sizes[kind_named(text_of(*answer->element[i]))] +=
          static_cast<std::uint64_t>(answer->element[i + 1]->integer);
    }
  } while (cursor != "0");
  return sizes;
}

// All that the server has taken for data and for finding it, without what is on its way to it, from
// it, or to the disk.
std::uint64_t memory(const Place& place) {
  RawRedis server{place.native_url};
  const auto bytes = [&](const char* field) {
    const std::string text = server.info("memory", field);
    return text.empty() ? std::uint64_t{0} : std::stoull(text);
  };
  return bytes("used_memory") - bytes("mem_clients_normal") - bytes("mem_aof_buffer");
}

// The server writes its file anew when that has doubled.
void settle(const Place& place) {
  RawRedis server{place.native_url};
  if (server.info("persistence", "aof_enabled") != "1") return;
  try {
    server.execute({"BGREWRITEAOF"});
  } catch (const StorageError&) {
    // Not everybody may, and it may be at it already.
  }
  Runtime& runtime = *place.storage->runtime();
  const auto never_set = runtime.make_event();
  while (server.info("persistence", "aof_rewrite_in_progress") == "1" ||
         server.info("persistence", "aof_rewrite_scheduled") == "1") {
    never_set->wait_until(runtime.steady_now() + std::chrono::milliseconds{20}, {});
  }
}

}  // namespace

Engine redis_engine() {
  return {
      .floor = redis_floor, .settle = settle, .sizes = sizes, .memory = memory, .post = redis_post};
}

}  // namespace portfire::bench
