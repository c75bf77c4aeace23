// Server processes that crash, and what the next server makes of what they leave.

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <portfire/portfire.hpp>
#include <portfire/sqlite.hpp>
#include <portfire/stack_traces.hpp>

#include "support/child.hpp"
#include "support/temporary_directory.hpp"

namespace portfire::crash_test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr Job<void()> bystander{"bystander"};
constexpr Job<void(std::string)> crasher{"crasher"};
constexpr Job<void(std::string pipe)> apart{"apart"};

// As the retry filter and the history have it.
nlohmann::json data_of(const HistoryEntry& entry) { return nlohmann::json::parse(entry.data); }

ServerOptions options_of(const fs::path& directory) {
  return {.workers = 2,
          .lease = 1h,  // nobody waits for it
          .retry = {.attempts = 0},
          .crash_directory = directory / "crashes",
          .log = silent_sink()};
}

Handlers isolated_handlers();

class Crashes : public ::testing::Test {
 protected:
  Crashes() {
    fs::create_directories(crash_directory());
    handlers_.on(bystander, [this](Context& context) { look_at(context); });
    handlers_.on(apart.name, [this](const std::string&, Context& context) { look_at(context); });
    handlers_.on(crasher, [this](Context& context, const std::string&) { look_at(context); });
  }
  void look_at(Context& context) {
    const bool suspect = details(context.job_id()).suspect;
    const std::lock_guard lock{mutex_};
    if (suspect) ran_as_suspects_.push_back(context.job_id());
  }

  fs::path file() const { return directory_.path() / "jobs.db"; }
  fs::path crash_directory() const { return directory_.path() / "crashes"; }

  // A process that runs both jobs and crashes in one of them. Returns its status.
  int crash(const std::string& how) {
    blamed_ = client_.enqueue(crasher, how);
    innocent_ = client_.enqueue(bystander);
    return crash_again(how);
  }
  int crash_again(const std::string& how) {
    Child child{{file(), directory_.path(), how}};
    EXPECT_EQ(child.hear(), 'b');
    EXPECT_EQ(child.hear(), 'b') << "both are running";
    if (how == "sent") {
      child.signal(SIGABRT);
    } else {
      child.tell('c');
    }
    if (how == "chained") {
      EXPECT_EQ(child.hear(), 'h') << "the handler from before was called";
    }
    return child.wait_status();
  }
  ServerOptions options() {
    ServerOptions options = options_of(directory_.path());
    options.stack_tracer = tracer_;
    options.log = [this](LogLevel level, std::string_view line) {
      const std::lock_guard lock{mutex_};
      if (level >= LogLevel::warning) complaints_.emplace_back(line);
    };
    return options;
  }
  // The next server, until both jobs have ended.
  void recover() { recover(options()); }
  void recover(ServerOptions options) {
    Server server{storage_, handlers_, std::move(options)};
    server.start();
    EXPECT_TRUE(client_.wait(blamed_, 1min).ended);
    EXPECT_TRUE(client_.wait(innocent_, 1min).ended);
  }
  JobDetails details(JobId id) { return *client_.find(id); }
  std::vector<std::string> reasons_of(JobId id) {
    std::vector<std::string> reasons;
    for (const HistoryEntry& entry : details(id).history) reasons.push_back(entry.reason);
    return reasons;
  }
  std::vector<std::string> stack() { return data_of(details(blamed_).history.back())["stack"]; }

  const TemporaryDirectory directory_;
  const std::shared_ptr<Storage> storage_ = sqlite::open(file());
  Client client_{storage_, {.log = silent_sink()}};
  const std::shared_ptr<StackTracer> tracer_ = stack_traces();
  Handlers handlers_;
  JobId blamed_;
  JobId innocent_;
  std::mutex mutex_;
  std::vector<std::string> complaints_;  // guarded by mutex_
  std::vector<JobId> ran_as_suspects_;   // guarded by mutex_
};

struct Way {
  const char* how;
  int signal;
  const char* function;  // of which the stack begins, or nearly so
};

class EveryCrash : public Crashes, public ::testing::WithParamInterface<Way> {};

INSTANTIATE_TEST_SUITE_P(
    Ways, EveryCrash,
    ::testing::Values(Way{"access", SIGSEGV, "write_to_nowhere"}, Way{"abort", SIGABRT, "give_up"},
                      Way{"division", SIGFPE, "divide"}, Way{"overflow", SIGSEGV, "descend"},
                      Way{"heap", SIGABRT, "free_twice"}, Way{"jump", SIGSEGV, "jump_to_nowhere"},
                      Way{"election", SIGSEGV, "write_to_nowhere"}),
    [](const auto& each) { return std::string{each.param.how}; });

TEST_P(EveryCrash, IsBlamedOnTheJobThatCrashedAlone) {
  const int status = crash(GetParam().how);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), GetParam().signal) << "the signal takes its course";
  recover();
  const JobDetails blamed = details(blamed_);
  EXPECT_EQ(blamed.state, "Failed");
  EXPECT_EQ(blamed.crashes, 1U);
  const std::string name = std::string{"SIG"} + sigabbrev_np(GetParam().signal);
  EXPECT_THAT(blamed.reason, StartsWith("It crashed its server: " + name));
  EXPECT_EQ(data_of(blamed.history.back())["type"], name);
  EXPECT_THAT(stack(), Contains(HasSubstr(GetParam().function)));
  EXPECT_THAT(stack(), Not(Contains(HasSubstr("portfire::server"))));

  const JobDetails innocent = details(innocent_);
  EXPECT_EQ(innocent.state, "Succeeded");
  EXPECT_THAT(reasons_of(innocent_), Contains("Its server crashed in another job, " +
                                              to_string(blamed_) + " (crasher): " + name));
  EXPECT_THAT(reasons_of(innocent_), Not(Contains(std::string{reasons::reclaimed})));
  EXPECT_THAT(ran_as_suspects_, IsEmpty());
  EXPECT_THAT(storage_->monitoring().servers(), IsEmpty());
  EXPECT_TRUE(fs::is_empty(crash_directory())) << "the record has been dealt with";
}

TEST_F(Crashes, ACrashIsAFailureLikeOthersUntilTheLimit) {
  crash("access");
  ServerOptions retrying = options();
  retrying.crash_limit = 2;
  retrying.retry = {.attempts = 10, .delays = {1h}};
  {
    Server server{storage_, handlers_, retrying};
    server.start();
    EXPECT_TRUE(client_.wait(innocent_, 1min).ended);
  }
  EXPECT_EQ(details(blamed_).state, "Scheduled");
  EXPECT_THAT(details(blamed_).reason, StartsWith("Retry 1 of 10: It crashed its server"));
  EXPECT_EQ(details(blamed_).attempt, 1U);
  EXPECT_TRUE(details(blamed_).suspect);
  client_.requeue(blamed_);
  innocent_ = client_.enqueue(bystander);
  crash_again("access");
  recover(retrying);
  EXPECT_EQ(details(blamed_).state, "Failed");
  EXPECT_EQ(details(blamed_).crashes, 2U);
  EXPECT_THAT(details(blamed_).reason,
              StartsWith("It was running in 2 servers when they crashed, the last time with SIG"));
}

TEST_F(Crashes, OutsideTheThreadsOfJobsAllThatRanAreSuspected) {
  crash("thread");
  recover();
  EXPECT_THAT(ran_as_suspects_, ::testing::UnorderedElementsAre(blamed_, innocent_));
  for (const JobId id : {blamed_, innocent_}) {
    EXPECT_EQ(details(id).state, "Succeeded");
    const auto history = details(id).history;
    const auto entry = std::ranges::find_if(history, [](const HistoryEntry& each) {
      return each.reason.starts_with("Its server crashed outside the threads of its jobs");
    });
    ASSERT_NE(entry, history.end());
    EXPECT_THAT(data_of(*entry)["stack"].dump(), HasSubstr("write_to_nowhere"));
  }
}

TEST_F(Crashes, AJobInAProcessOfItsOwnIsNotSuspected) {
  const fs::path pipe = directory_.path() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  blamed_ = client_.enqueue(crasher, "thread");
  innocent_ = client_.enqueue(apart, pipe.string());
  Child child{{file(), directory_.path(), "thread"}};
  ASSERT_EQ(child.hear(), 'b');
  // Opens when the job opens its end.
  ASSERT_TRUE(std::ifstream{pipe}.is_open());
  child.tell('c');
  child.wait_status();
  recover();
  EXPECT_THAT(ran_as_suspects_, ::testing::ElementsAre(blamed_));
  EXPECT_EQ(details(innocent_).state, "Succeeded");
  EXPECT_THAT(reasons_of(innocent_),
              Contains(StartsWith("Its server crashed outside the threads of its jobs")));
}

TEST_F(Crashes, OfAJobInAProcessOfItsOwnHaveTheirStacksInItsHistory) {
  for (const bool traced : {true, false}) {
    ServerOptions one = options();
    if (!traced) one.stack_tracer = nullptr;
    Server server{storage_, isolated_handlers(), one};
    server.start();
    blamed_ = client_.enqueue_raw("crash_apart", "[]");
    EXPECT_TRUE(client_.wait(blamed_, 1min).ended);
    const JobDetails blamed = details(blamed_);
    EXPECT_EQ(blamed.state, "Failed");
    EXPECT_THAT(blamed.reason, HasSubstr("was ended by SIGSEGV"));
    const nlohmann::json data = data_of(blamed.history.back());
    EXPECT_EQ(data["type"], "portfire::ProcessDied");
    EXPECT_EQ(data["process"]["signal"], "SIGSEGV");
    ASSERT_EQ(data.contains("stack"), traced) << data;
    if (!traced) continue;
    EXPECT_THAT(blamed.reason, HasSubstr("at address 0x0"));
    EXPECT_THAT(stack().front(), HasSubstr("write_to_nowhere"));
    EXPECT_THAT(stack(), Not(Contains(HasSubstr("portfire::server"))));
  }
}

TEST_F(Crashes, ASignalOfAnotherProcessBlamesNobody) {
  const int status = crash("sent");
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGABRT);
  recover();
  for (const JobId id : {blamed_, innocent_}) {
    EXPECT_EQ(details(id).state, "Succeeded");
    EXPECT_THAT(reasons_of(id), Contains(HasSubstr("sent by process " + std::to_string(getpid()))));
  }
}

TEST_F(Crashes, AHandlerFromBeforeIsCalled) {
  crash("chained");
  recover();
  EXPECT_EQ(details(blamed_).state, "Failed");
}

TEST_F(Crashes, AHandlerFromBeforeMayMendTheFault) {
  blamed_ = client_.enqueue(crasher, "mended");
  innocent_ = client_.enqueue(bystander);
  Child child{{file(), directory_.path(), "mended"}};
  ASSERT_EQ(child.hear(), 'b');
  ASSERT_EQ(child.hear(), 'b');
  child.tell('c');
  ASSERT_EQ(child.hear(), 'm') << "it went on";
  child.signal(SIGKILL);
  child.wait_status();
  recover();
  EXPECT_THAT(reasons_of(blamed_), Contains(std::string{reasons::reclaimed}))
      << "what was no crash has left no record";
}

TEST_F(Crashes, WhatHadNotBegunGoesBackToItsPlace) {
  blamed_ = client_.enqueue(crasher, "access");
  innocent_ = client_.enqueue(bystander);
  std::vector<JobId> waiting;
  for (int i = 0; i < 5; ++i) waiting.push_back(client_.enqueue(bystander));
  crash_again("access");
  Server server{storage_, handlers_, options()};
  server.start();
  for (const JobId id : waiting) {
    EXPECT_TRUE(client_.wait(id, 1min).ended);
    EXPECT_FALSE(details(id).suspect);
    EXPECT_THAT(reasons_of(id), Not(Contains(std::string{reasons::reclaimed})));
  }
}

TEST_F(Crashes, TwoServersThatStartAtOnceTellItOnce) {
  crash("access");
  {
    Server first{storage_, handlers_, options()};
    Server second{sqlite::open(file()), handlers_, options()};
    std::thread other{[&] { second.start(); }};
    first.start();
    other.join();
    EXPECT_TRUE(client_.wait(blamed_, 1min).ended);
    EXPECT_TRUE(client_.wait(innocent_, 1min).ended);
  }
  EXPECT_EQ(details(blamed_).crashes, 1U);
  EXPECT_THAT(details(blamed_).reason, StartsWith("It crashed its server"));
  EXPECT_THAT(reasons_of(innocent_), Not(Contains(std::string{reasons::reclaimed})));
  EXPECT_TRUE(fs::is_empty(crash_directory()));
}

TEST_F(Crashes, GarbageKeepsNoServerFromStarting) {
  crash("access");
  std::ofstream{crash_directory() / "garbage.crash"} << "not a record";
  std::ofstream{crash_directory() / (to_string(ServerId{1, 2}) + ".crash")}
      << "portfire crash 1\nsignal 11\nrunn";
  recover();
  EXPECT_EQ(details(blamed_).state, "Failed");
  EXPECT_THAT(complaints_, Contains(HasSubstr("garbage.crash is no crash record")));
  EXPECT_TRUE(fs::exists(crash_directory() / "garbage.crash.unreadable"));
}

TEST_F(Crashes, ADirectoryThatCannotBeMadeKeepsNoServerFromStarting) {
  std::ofstream{directory_.path() / "file"} << "in the way";
  ServerOptions blocked = options();
  blocked.crash_directory = directory_.path() / "file" / "crashes";
  blamed_ = client_.enqueue(crasher, "none");
  innocent_ = client_.enqueue(bystander);
  recover(blocked);
  EXPECT_EQ(details(blamed_).state, "Succeeded");
  EXPECT_THAT(complaints_, Contains(HasSubstr("will leave no record")));
}

TEST_F(Crashes, WithoutATracerTheStackHasModulesAndOffsets) {
  crash("access");
  ServerOptions plain = options();
  plain.stack_tracer = nullptr;
  recover(plain);
  EXPECT_THAT(stack().front(), HasSubstr("scenarios_crashes+0x"));
}

// The child's side.

int serving_end = -1;
volatile int* forbidden = nullptr;

void tell(char letter) {
  if (write(serving_end, &letter, 1) != 1) _exit(3);
}

void write_to_nowhere(volatile int* place) { *place = 7; }

void give_up() { std::abort(); }

int divide(int by) {
  const volatile int zero = by;
  return 7 / zero;
}

volatile bool has_an_end = false;

int descend(int depth) {
  volatile char room[1000] = {};
  room[0] = static_cast<char>(depth);
  return has_an_end ? depth : descend(depth + 1) + room[0];
}

void free_twice() {
  // Behind the compiler's back.
  void (*volatile release)(void*) = &std::free;
  void* const memory = std::malloc(100);
  release(memory);
  release(memory);
}

void jump_to_nowhere() {
  void (*volatile nowhere)() = nullptr;
  nowhere();
}

void crash_as(const std::string& how) {
  static volatile int* volatile nowhere = nullptr;
  if (how == "access" || how == "chained") write_to_nowhere(nowhere);
  if (how == "mended") {
    write_to_nowhere(forbidden);
    tell('m');
    thread_runtime()->make_event()->wait({});
  }
  if (how == "abort") give_up();
  if (how == "division") divide(0);
  if (how == "overflow") descend(0);
  if (how == "heap") free_twice();
  if (how == "jump") jump_to_nowhere();
  if (how == "thread") std::thread{[] { write_to_nowhere(nullptr); }}.join();
}

void prepare(const std::string& how) {
  // No core files of what crashes on purpose.
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  if (how == "chained") {
    std::signal(SIGSEGV, [](int number) {
      tell('h');
      std::signal(number, SIG_DFL);
    });
  }
  if (how == "mended") {
    void* const page = mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    forbidden = static_cast<int*>(page);
    std::signal(SIGSEGV, [](int) { mprotect(const_cast<int*>(forbidden), 4096, PROT_WRITE); });
  }
}

// Crashes in the name of a job whose handler has returned.
class CrashingFilter final : public Filter {
 public:
  explicit CrashingFilter(std::string how) : how_{std::move(how)} {}
  void electing(Election& election) override {
    if (how_ == "election" && election.job.name == "crasher") crash_as("access");
  }

 private:
  const std::string how_;
};

Handlers isolated_handlers() {
  Handlers handlers;
  handlers.on(apart.name,
              [](const std::string& pipe) {
                const std::ofstream open{pipe};
                thread_runtime()->make_event()->wait({});
              },
              {.isolation = Isolation::process});
  handlers.on("crash_apart", [] { crash_as("access"); }, {.isolation = Isolation::process});
  return handlers;
}

int serve(char** values) {
  const fs::path file = values[1];
  const std::string how = values[3];
  serving_end = std::atoi(values[4]);
  const int hearing = std::atoi(values[5]);
  prepare(how);
  Handlers handlers = isolated_handlers();
  handlers.on(bystander, [] {
    tell('b');
    thread_runtime()->make_event()->wait({});
  });
  handlers.on(crasher, [&](const std::string& way) {
    tell('b');
    char letter = 0;
    if (read(hearing, &letter, 1) != 1) _exit(3);
    crash_as(way);
  });
  ServerOptions options = options_of(values[2]);
  options.filters = {std::make_shared<CrashingFilter>(how)};
  Server server{sqlite::open(file), handlers, options};
  server.run();
  return 0;
}

}  // namespace
}  // namespace portfire::crash_test

int main(int count, char** values) {
  if (const auto end =
          portfire::serve_isolated(count, values, portfire::crash_test::isolated_handlers())) {
    return *end;
  }
  if (std::string_view{values[0]} == "child") return portfire::crash_test::serve(values);
  ::testing::InitGoogleTest(&count, values);
  return RUN_ALL_TESTS();
}
