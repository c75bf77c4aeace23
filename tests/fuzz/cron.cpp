// Cron expressions and schedules: a byte for the zone, eight for an instant, the rest is text.

#include <array>
#include <chrono>
#include <string>

#include <portfire/cron.hpp>
#include <portfire/error.hpp>
#include <portfire/schedule.hpp>

#include "fuzz/fuzz.hpp"

namespace portfire::fuzz {
namespace {

const TimeZone& zone_of(std::uint8_t byte) {
  static const std::array zones{TimeZone{}, TimeZone{"Europe/Paris"}, TimeZone{"America/St_Johns"},
                                TimeZone{"Australia/Lord_Howe"}, TimeZone{"Africa/Casablanca"}};
  return zones.at(byte % zones.size());
}

// In the years 1970 to 2105, where most rules are.
std::chrono::sys_seconds instant_of(std::uint64_t number) {
  return std::chrono::sys_seconds{std::chrono::seconds{number & 0xFFFFFFFFU}};
}

void check_occurrences(const Cron& cron, const TimeZone& zone, std::chrono::sys_seconds from) {
  const auto next = cron.next(from, zone);
  const auto previous = cron.previous(from, zone);
  expect(!next || *next > from, "the next occurrence lies after the instant");
  expect(!previous || *previous < from, "the previous occurrence lies before the instant");
  expect(cron.is_reachable() || (!next && !previous), "what cannot be reached does not come");
  if (!next) return;
  expect(cron.next(*next - std::chrono::seconds{1}, zone, {.inclusive = false}) == next,
         "nothing comes between the instant and the next occurrence");
  const auto back = cron.previous(*next, zone, {.inclusive = true});
  expect(back == next, "an occurrence is the previous one, inclusively");
  if (previous) {
    const auto forth = cron.next(*previous, zone);
    expect(forth && *forth >= from, "after the previous occurrence comes none before the instant");
  }
}

void check_cron(const std::string& text, const TimeZone& zone, std::chrono::sys_seconds from) {
  const Cron cron = Cron::parse(text);
  expect(cron.text() == text, "an expression keeps its text");
  expect(!cron.describe().empty(), "an expression has words");
  const Cron seeded = cron.needs_seed() ? cron.with_seed("seed") : cron;
  expect(!seeded.needs_seed(), "a seed decides everything");
  check_occurrences(seeded, zone, from);
}

void check_schedule(const std::string& text) {
  const Schedule schedule = Schedule::parse(text);
  const Schedule again = Schedule::parse(schedule.text());
  expect(again.text() == schedule.text(), "a schedule's text reads back");
  expect(again.is_interval() == schedule.is_interval(), "a schedule keeps its kind");
  expect(again.describe() == schedule.describe(), "a schedule keeps its words");
}

}  // namespace
}  // namespace portfire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace portfire::fuzz;
  Input input{bytes, size};
  const auto& zone = zone_of(input.byte());
  const auto from = instant_of(input.number());
  const std::string text = input.rest();
  try {
    check_cron(text, zone, from);
  } catch (const portfire::UsageError&) {
  }
  try {
    check_schedule(text);
  } catch (const portfire::UsageError&) {
  }
  return 0;
}
