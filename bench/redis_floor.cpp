#include "bench/redis_floor.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/counting.hpp"
#include "bench/crowd.hpp"
#include "bench/raw_redis.hpp"
#include "bench/workload.hpp"
#include "embedded_lua.hpp"

namespace portfire::bench {

namespace {

namespace scripts = redis::scripts;

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

// A connection that calls the scripts of an installation.
class RawScripts {
 public:
  explicit RawScripts(const Place& place) : redis_{place.native_url}, tag_{'{' + place.name + '}'} {
    for (const redis::Script* script : {&scripts::announce, &scripts::claim, &scripts::commit}) {
      redis_.execute({"SCRIPT", "LOAD", script->text});
    }
    // A job's record from its priority on: none, no attempts, queue, name, no parameters,
    // arguments.
    record_ = packed(0, 4) + packed("default", 1) + packed(no_op.name, 2) + packed("", 4) +
              packed(stored_arguments(), 4);
    // Final and succeeded, with a span for which it is kept.
    const auto day = std::chrono::microseconds{std::chrono::days{1}};
    succeeded_ = packed(5, 1) + packed(1, 1) + packed(2, 1) + packed(0, 16) +
                 packed(static_cast<std::uint64_t>(day.count()), 8) + packed("Succeeded", 1) +
                 packed("", 4) + packed("", 4);
  }

  void announce() {
    send(scripts::announce, {server_, "floor", "", "", "30000000", "1", "", "0"});
    redis_.receive();
  }

  void send_creations(std::uint64_t first_serial, std::size_t count) {
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
  void receive_creations() {
    if (redis_.receive()->element[0]->integer != 1) lose();
  }

  void send_claim(std::size_t max) {
    send(scripts::claim, {server_, std::to_string(++token_), std::to_string(max), "default"});
  }
  RawRedis::Reply receive_claim() { return redis_.receive(); }

  // Of all that a claim has answered: the instant, then id, record before it and two more each.
  void send_ends(const redisReply& claimed) {
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
  void receive_ends() {
    if (redis_.receive()->element[0]->elements != 0) lose();
  }

 private:
  static std::string epoch_after(std::string_view record) {
    std::uint64_t epoch = 0;
    for (const char byte : record.substr(4, 6)) {
      epoch = epoch << 8 | static_cast<unsigned char>(byte);
    }
    return packed(epoch + 1, 6);
  }

  [[noreturn]] static void lose() { throw std::runtime_error{"the floor lost jobs"}; }

  RawRedis::Words begin(const redis::Script& script, std::size_t more) const {
    RawRedis::Words words{"EVALSHA", script.sha1, "1", tag_, "0"};
    words.reserve(words.size() + more);
    return words;
  }
  void send(const redis::Script& script, const std::vector<std::string>& arguments) {
    RawRedis::Words words = begin(script, arguments.size());
    words.insert(words.end(), arguments.begin(), arguments.end());
    redis_.send(words);
  }

  RawRedis redis_;
  const std::string tag_;
  const std::string server_ = id_bytes(0);
  std::string record_;
  std::string succeeded_;
  const std::string times_ = packed(1, 7) + packed(1, 7);  // of start and run: no time at all
  std::uint64_t token_ = 0;
};

// Two calls are on their way: one is served, one waits for its turn.
double bulk_rate(const FloorPlan& plan, RawScripts& raw, std::uint64_t first_serial,
                 std::size_t per_call) {
  Runtime& runtime = *plan.place.storage->runtime();
  const SteadyPoint begin = runtime.steady_now();
  std::size_t unanswered = 0;
  for (std::size_t done = 0; done < plan.jobs; done += per_call) {
    raw.send_creations(first_serial + done, std::min(per_call, plan.jobs - done));
    if (++unanswered < 2) continue;
    raw.receive_creations();
    --unanswered;
  }
  for (; unanswered > 0; --unanswered) raw.receive_creations();
  return per_second(plan.jobs, runtime.steady_now() - begin);
}

double drain_rate(const FloorPlan& plan, RawScripts& raw, std::size_t per_call) {
  Runtime& runtime = *plan.place.storage->runtime();
  const SteadyPoint begin = runtime.steady_now();
  // The answers that are yet to come: of claims, or of the ends of so many.
  std::deque<std::size_t> awaited{0, 0};
  for (std::size_t i = 0; i < awaited.size(); ++i) raw.send_claim(per_call);
  std::size_t finished = 0;
  while (!awaited.empty()) {
    const std::size_t ends = awaited.front();
    awaited.pop_front();
    if (ends > 0) {
      raw.receive_ends();
      finished += ends;
      continue;
    }
    const auto claimed = raw.receive_claim();
    if (claimed->elements < 4) continue;
    raw.send_ends(*claimed);
    raw.send_claim(per_call);
    awaited.insert(awaited.end(), {claimed->elements / 4, 0});
  }
  if (finished != plan.jobs) throw std::runtime_error{"the floor lost jobs"};
  return per_second(plan.jobs, runtime.steady_now() - begin);
}

double enqueue_rate(const FloorPlan& plan, std::uint64_t first_serial, std::size_t connections) {
  std::vector<std::unique_ptr<RawScripts>> all;
  std::vector<std::function<void(std::size_t)>> workers;
  for (std::size_t i = 0; i < connections; ++i) {
    RawScripts& raw = *all.emplace_back(std::make_unique<RawScripts>(plan.place));
    workers.emplace_back([&raw, first_serial](std::size_t number) {
      raw.send_creations(first_serial + number, 1);
      raw.receive_creations();
    });
  }
  return crowd_rate(*plan.place.storage->runtime(), plan.jobs, workers);
}

}  // namespace

Floor redis_floor(const FloorPlan& plan) {
  constexpr std::size_t crowd = 8;
  Floor floor;
  RawScripts raw{plan.place};
  raw.announce();
  std::uint64_t serial = 1;
  for (const std::size_t per_call : {100U, 500U, 1000U}) {
    floor.bulk_enqueue_per_s =
        std::max(floor.bulk_enqueue_per_s, bulk_rate(plan, raw, serial, per_call));
    floor.drain_per_s = std::max(floor.drain_per_s, drain_rate(plan, raw, per_call));
    serial += plan.jobs;
  }
  floor.enqueue_per_s = enqueue_rate(plan, serial, 1);
  floor.enqueue_8_threads_per_s = enqueue_rate(plan, serial + plan.jobs, crowd);
  return floor;
}

}  // namespace portfire::bench
