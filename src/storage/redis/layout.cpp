#include "storage/redis/layout.hpp"

#include <array>
#include <string>
#include <string_view>

#include <portfire/error.hpp>

#include "embedded_lua.hpp"
#include "storage/redis/call.hpp"

namespace portfire::redis {

namespace {

[[noreturn]] void refuse(const Settings& settings, const std::string& problem) {
  throw StorageError{place(settings) + ": " + problem, {.operation = "open"}};
}

[[noreturn]] void refuse_user(const Settings& settings, const std::string& commands) {
  refuse(settings, "the user may not run " + commands +
                       "; grant the commands of docs/reference/redis.md by ACL SETUSER");
}

// What the rehearsal itself cannot find out: EVAL, as the server may know all scripts already, and
// TIME, with which each of them begins.
void try_beginning(const Settings& settings, Gateway& gateway) {
  static constexpr std::string_view script =
      "return type(redis.pcall('TIME')[1]) == 'string' and 'yes' or 'no'";
  const std::string tag = settings.hash_tag();
  const std::array<std::string_view, 4> words{"EVAL", script, "1", tag};
  if (gateway.command(words).as_text() == "no") refuse_user(settings, "TIME");
}

int ask(const Settings& settings, Gateway& gateway, int ours, bool rehearses) {
  Call call{settings, scripts::open};
  if (ours == 0) call.reads();
  call.number(std::int64_t{ours}).add(rehearses ? "1" : "0");
  const Reply answer = gateway.run(call.script_call());
  if (answer.kind() == Reply::Kind::text) {
    refuse_user(settings, answer.as_text());
  }
  const auto found = static_cast<int>(answer.as_integer());
  if (found < 0) {
    refuse(settings, "the key " + settings.hash_tag() +
                         " belongs to another program; give Portfire another prefix");
  }
  return found;
}

}  // namespace

int layout_under(const Settings& settings, Gateway& gateway) {
  return ask(settings, gateway, 0, false);
}

void prepare_layout(const Settings& settings, Gateway& gateway, bool begin) {
  try_beginning(settings, gateway);
  const int found = ask(settings, gateway, begin ? newest_layout : 0, true);
  if (found == 0) {
    refuse(settings,
           "there is no installation under this prefix; begin one with `portfire migrate`, or open "
           "it with Options::migrate");
  }
  if (found < newest_layout) {
    refuse(settings, "its layout has version " + std::to_string(found) + ", this library needs " +
                         std::to_string(newest_layout) +
                         "; bring it there by `portfire migrate`, or open it with "
                         "Options::migrate");
  }
  if (found > newest_layout) {
    refuse(settings, "its layout has version " + std::to_string(found) + ", this library knows " +
                         std::to_string(newest_layout) + "; use a newer Portfire");
  }
}

void remove_layout(const Settings& settings, Gateway& gateway) {
  if (layout_under(settings, gateway) == 0) return;
  std::string cursor = "0";
  do {
    Call call{settings, scripts::sweep};
    call.add(cursor);
    cursor = gateway.run(call.script_call()).as_text();
  } while (cursor != "0");
}

}  // namespace portfire::redis
