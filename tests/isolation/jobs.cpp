#include "isolation/jobs.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <thread>

namespace portfire::isolation_tests {

namespace {

// The compiler does not know that nobody reads it.
volatile int* nowhere = nullptr;
volatile bool for_ever = true;

int descend(int depth) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(depth);
  return depth < 0 ? 0 : descend(depth + 1) + frame[0];
}

// Not a sanitizer's business.
__attribute__((no_sanitize("undefined"))) void write_nowhere() { *nowhere = 1; }

void spin() {
  volatile std::uint64_t turns = 0;
  while (for_ever) turns = turns + 1;
}

void write_garbage() {
  const std::string garbage(64, '\xee');
  if (write(3, garbage.data(), garbage.size()) < 0) throw std::runtime_error{"write"};
  spin();
}

void die_in(const std::string& way) {
  static const std::map<std::string, std::function<void()>> ways = {
      {"segmentation fault", [] { write_nowhere(); }},
      {"abort", [] { std::abort(); }},
      {"_exit", [] { ::_exit(3); }},
      {"exit", [] { std::exit(4); }},
      {"terminate", [] { std::terminate(); }},
      {"noexcept", []() noexcept { die_in("exception"); }},
      {"exception", [] { throw std::runtime_error{"through noexcept"}; }},
      {"another thread",
       [] { std::thread{[] { throw std::runtime_error{"on a thread"}; }}.join(); }},
      {"stack overflow", [] { descend(0); }},
      {"endless loop", [] { spin(); }},
      {"closed socket",
       [] {
         ::close(3);
         spin();
       }},
      {"garbage", [] { write_garbage(); }},
      {"stopped", [] { ::raise(SIGSTOP); }},
      {"killed", [] { ::raise(SIGKILL); }},
      {"terminated", [] { ::raise(SIGTERM); }},
  };
  ways.at(way)();
}

int grow(std::size_t mebibytes) {
  std::vector<std::vector<char>> all;
  for (std::size_t i = 0; i < mebibytes; ++i) all.emplace_back(std::size_t{1} << 20, 'x');
  return static_cast<int>(all.size());
}

int open_many(int count) {
  std::vector<int> opened;
  while (static_cast<int>(opened.size()) < count) {
    const int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) break;
    opened.push_back(descriptor);
  }
  for (const int descriptor : opened) close(descriptor);
  return static_cast<int>(opened.size());
}

std::vector<std::string> open_descriptors() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry.path(), gone);
    if (!gone) names.push_back(entry.path().filename().string() + " " + target.string());
  }
  // The directory that was being read.
  std::erase_if(names, [](const auto& name) { return name.find("/proc/") != name.npos; });
  std::ranges::sort(names);
  return names;
}

void throw_nested() {
  try {
    throw std::out_of_range{"the cause"};
  } catch (...) {
    std::throw_with_nested(std::logic_error{"the effect"});
  }
}

void wait_until_stopped(Context& context) {
  const auto event = thread_runtime()->make_event();
  context.log("waiting");
  event->wait(context.stop_token());
  throw std::runtime_error{"stopped: " + std::string{to_string(context.stop_reason())}};
}

void talk(Context& context) {
  context.log("one");
  context.progress(0.25);
  context.log("two", ReportLevel::warning);
  context.progress(0.75);
  context.log("broken \xff text");
  context.set_parameter("kept", 7);
  if (context.parameter<int>("kept") != 7) throw std::logic_error{"not to be seen at once"};
}

Strings know(int argument, Context& context) {
  return {std::to_string(argument),
          to_string(context.job_id()),
          context.job_name(),
          context.queue(),
          std::to_string(context.attempt()),
          std::to_string(context.epoch()),
          context.arguments(),
          std::string{to_string(context.stop_reason())},
          context.baggage()["tenant"],
          context.parameter<std::string>("colour").value_or("none"),
          std::to_string(context.parents().size()),
          to_string(context.batch())};
}

int create(bool fails, Context& context) {
  const Creation one = context.client().with({.tags = {"made"}}).enqueue(twice, 21);
  const auto many = context.client().enqueue_all(twice, std::vector{1, 2, 3});
  context.client().batch("from within", [](Batch& batch) { batch.enqueue(twice, 4); });
  if (!one.created() || many.size() != 3) throw std::logic_error{"refused"};
  if (fails) throw std::runtime_error{"after all"};
  return 4;
}

// A process that outlives the job, in its group; a parameter tells which.
void leave_behind(Context& context) {
  const pid_t left = fork();
  if (left == 0) {
    for (;;) pause();
  }
  context.set_parameter("left", static_cast<int>(left));
  std::abort();
}

void chatter(Context& context) {
  for (;;) context.log("and then");
}

void say_and_die(Context& context) {
  context.log("last words");
  context.progress(0.5);
  context.set_parameter("kept", 1);
  std::abort();
}

}  // namespace

Handlers handlers() {
  Handlers all;
  all.on(die, [](const std::string& way) { die_in(way); });
  all.on(twice, [](int n) { return 2 * n; });
  all.on(which_process, [] { return static_cast<int>(getpid()); });
  all.on(wait_for_stop, [](Context& context) { wait_until_stopped(context); });
  all.on("loop_if_first", [](Context& context) {
    if (context.attempt() == 1) std::abort();
    return static_cast<int>(context.attempt());
  });
  all.on("grow", [](std::size_t mebibytes) { return grow(mebibytes); },
         {.process_limits = {.memory_bytes = std::uint64_t{64} << 20}});
  all.on("grow_freely", [](std::size_t mebibytes) { return grow(mebibytes); });
  all.on("spin", [] { spin(); }, {.process_limits = {.processor_time = 1s}});
  all.on("open_many", [](int count) { return open_many(count); },
         {.process_limits = {.open_files = 64}});
  all.on("open_freely", [](int count) { return open_many(count); });
  all.on("descriptors", [] { return open_descriptors(); });
  all.on("throw", [](std::string message) { throw std::invalid_argument{message}; });
  all.on("throw_nested", [] { throw_nested(); });
  all.on("throw_number", [] { throw 42; });
  all.on("throw_argument_error", [] { throw ArgumentError{"never any good"}; });
  all.on("talk", [](Context& context) { talk(context); });
  all.on("know", [](int argument, Context& context) { return know(argument, context); });
  all.on("create", [](bool fails, Context& context) { return create(fails, context); });
  all.on("create_badly", [](Context& context) {
    context.client().with({.queue = "NOT A QUEUE"}).enqueue(twice, 1);
  });
  all.on("parent", [](Context& context) { return context.parent_result<int>().value_or(-1); });
  all.on("retry", [] { return retry_in(1h, "not now"); });
  all.on("snooze", [] { return snooze(1h, "sleepy"); });
  all.on("cancel", [] { return cancel("for nothing"); });
  all.on("done_by", [] { return done_by([](const Unit&) {}); });
  all.on("long", [](int bytes) { return std::string(static_cast<std::size_t>(bytes), 'x'); });
  all.on("leave_behind", [](Context& context) { leave_behind(context); });
  all.on("chatter", [](Context& context) { chatter(context); });
  all.on("say_and_die", [](Context& context) { say_and_die(context); });
  all.on("here", [] { return static_cast<int>(getpid()); }, {.isolation = Isolation::thread});
  all.on("apart", [] { return static_cast<int>(getpid()); }, {.isolation = Isolation::process});
  return all;
}

ServerOptions Isolated::isolating() {
  ServerOptions options = quick();
  options.workers = 2;
  options.retry = {.attempts = 0};
  options.isolation = Isolation::process;
  options.children = {.kill_after = 10ms};
  return options;
}

nlohmann::json Isolated::failure(JobId job) {
  EXPECT_EQ(rest(job), "Failed");
  const std::string data = details(job).data;
  return data.empty() ? nlohmann::json::object() : nlohmann::json::parse(data);
}

}  // namespace portfire::isolation_tests
