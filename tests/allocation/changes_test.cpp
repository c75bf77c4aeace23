// Every change with each of its allocations failing in turn, in a process of its own: it says so by
// std::bad_alloc, or ends the program, and has been made wholly or not at all.
//
// Some ends of the program are Portfire's (a memory storage cannot take a change back half-way),
// some those of the library for JSON, which allocates in destructors.

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <new>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/batch.hpp>
#include <portfire/memory.hpp>
#include <portfire/sqlite.hpp>
#include <portfire/storage/coordination.hpp>
#include <portfire/testing/builders.hpp>

#include "allocation/failing_new.hpp"
#include "allocation/place.hpp"
#include "support/temporary_directory.hpp"

namespace portfire {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// What is to be done, and changes something or nothing.
struct Attempt {
  std::string name;
  std::function<void(Place&)> make;
  bool is_change = true;

  friend void PrintTo(const Attempt& attempt, std::ostream* out) { *out << attempt.name; }
};

std::vector<Attempt> of_clients() {
  return {
      {"Enqueue", [](Place& place) { place.client.enqueue(work, 7, long_text); }},
      {"Schedule", [](Place& place) { place.client.schedule(work, 1h, 7, long_text); }},
      {"Continue",
       [](Place& place) { place.client.continue_with(work, place.made.waiting, 7, long_text); }},
      {"Batch",
       [](Place& place) {
         place.client.batch(long_text, [](Batch& all) {
           all.enqueue(work, 7, long_text);
           all.enqueue(work, 8, long_text);
         });
       }},
      {"Requeue", [](Place& place) { place.client.requeue(place.made.failed); }},
      {"Delete", [](Place& place) { place.client.delete_job(place.made.waiting); }},
      {"DeleteBatch", [](Place& place) { place.client.delete_job(place.made.batch); }},
      {"Move", [](Place& place) { place.client.move_to_queue(place.made.waiting, "other"); }},
      {"Define",
       [](Place& place) {
         place.recurring.add_or_update(work, "another one", "0 9 * * *", {}, 7, long_text);
       }},
      {"Trigger", [](Place& place) { place.recurring.trigger(place.made.recurring); }},
      {"Pause", [](Place& place) { place.client.pause_queue("default", "a test"); }},
  };
}

std::vector<Attempt> of_servers() {
  return {
      {"Announce",
       [](Place& place) {
         place.storage->coordination().announce({.id = ServerId{0, 2},
                                                 .name = long_text,
                                                 .host = {},
                                                 .lock = {},
                                                 .queues = {"default"},
                                                 .job_names = {"work", long_text}});
       }},
      {"Leave", [](Place& place) { place.storage->coordination().remove(place.made.server); }},
      {"Claim",
       [](Place& place) { place.storage->jobs().claim({place.made.server, 2, {"default"}, 10}); }},
      {"Finish",
       [](Place& place) {
         const Unit unit = testing::UnitBuilder{{}}.move(
             testing::TransitionBuilder{place.made.execution.job, states::succeeded()}
                 .under(place.made.execution)
                 .result("\"a result\""));
         place.storage->jobs().commit({&unit, 1});
       }},
      {"Release",
       [](Place& place) {
         const Released released{place.made.execution, ReleaseReason::shutdown};
         place.storage->jobs().release({&released, 1});
       }},
      {"Promote", [](Place& place) { place.storage->jobs().promote({}); }},
  };
}

// Questions whose answers are read from JSON: nothing is to change.
std::vector<Attempt> questions() {
  return {
      {"Servers", [](Place& place) { place.storage->monitoring().servers(); }, false},
      {"Definitions", [](Place& place) { place.recurring.list(); }, false},
  };
}

// How the storage looks before a change, and after it.
struct Pictures {
  std::string before;
  std::string after;

  [[nodiscard]] std::string fault_in(Storage& storage) const {
    if (std::string fault = fault_of(storage); !fault.empty()) return fault;
    const std::string picture = picture_of(storage);
    return picture == before || picture == after ? "" : "neither before nor after:\n" + picture;
  }
};

// What a process says by its exit status.
enum Said : int { refused = 3, had_enough, is_broken };

// Makes the change in this process, which ends.
[[noreturn]] void end_with(const std::filesystem::path& words, std::size_t number,
                           const Attempt& attempt, const Pictures& pictures,
                           const std::function<Place()>& open) {
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  dup2(::open(words.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
  int status = is_broken;
  try {
    Place place = open();
    bool has_failed = false;
    {
      const FailingAllocation failing{number};
      try {
        attempt.make(place);
      } catch (const std::bad_alloc&) {
      }
      has_failed = FailingAllocation::has_failed();
    }
    const std::string fault = pictures.fault_in(*place.storage);
    std::cerr << fault;
    if (fault.empty()) status = has_failed ? refused : had_enough;
  } catch (const std::exception& error) {
    std::cerr << error.what();
  }
  _exit(status);
}

std::string content(const std::filesystem::path& file) {
  std::ifstream in{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

class ShortOfMemory : public ::testing::TestWithParam<Attempt> {
 protected:
  static void expect_difference(const Pictures& pictures) {
    EXPECT_EQ(pictures.before != pictures.after, GetParam().is_change);
  }

  // `open` gives the place of the allocation with this number; `look` is called when its process
  // has ended.
  void fail_each(const Pictures& pictures, const std::function<Place(std::size_t)>& open,
                 const std::function<void(std::size_t)>& look) {
    std::size_t refusals = 0;
    for (std::size_t number = 0;; ++number) {
      SCOPED_TRACE("allocation " + std::to_string(number));
      const pid_t process = fork();
      ASSERT_GE(process, 0);
      if (process == 0) {
        end_with(words_, number, GetParam(), pictures, [&] { return open(number); });
      }
      int status = 0;
      ASSERT_EQ(waitpid(process, &status, 0), process);
      if (WIFSIGNALED(status)) {
        ASSERT_EQ(WTERMSIG(status), SIGABRT);
        ASSERT_THAT(content(words_), HasSubstr("bad_alloc"));
      } else {
        ASSERT_NE(WEXITSTATUS(status), is_broken) << content(words_);
      }
      look(number);
      if (HasFatalFailure()) return;
      if (WIFEXITED(status) && WEXITSTATUS(status) == refused) ++refusals;
      if (WIFEXITED(status) && WEXITSTATUS(status) == had_enough) {
        ASSERT_GT(refusals, 0U);
        return;
      }
      ASSERT_LT(number, 5000U) << "it never has enough";
    }
  }

  [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }

 private:
  const TemporaryDirectory directory_;
  const std::filesystem::path words_ = directory_.path() / "words";
};

class InMemory : public ShortOfMemory {};

TEST_P(InMemory, AChangeIsMadeWhollyOrNotAtAll) {
  const auto open = [] {
    const auto storage = memory::open();
    return Place{storage, fill(storage)};
  };
  Place place = open();
  Pictures pictures{.before = picture_of(*place.storage), .after = {}};
  GetParam().make(place);
  pictures.after = picture_of(*place.storage);
  expect_difference(pictures);
  fail_each(pictures, [&](std::size_t) { return open(); }, [](std::size_t) {});
}

class InFile : public ShortOfMemory {
 protected:
  [[nodiscard]] std::shared_ptr<Storage> opened(const std::string& name) const {
    return sqlite::open(directory() / name, {.durability = sqlite::Durability::normal});
  }
};

TEST_P(InFile, AChangeIsMadeWhollyOrNotAtAll) {
  const Made made = fill(opened("filled"));
  const auto copy = [&](const std::string& name) {
    std::filesystem::copy_file(directory() / "filled", directory() / name);
    return Place{opened(name), made};
  };
  Pictures pictures;
  {
    Place place = copy("changed");
    pictures.before = picture_of(*place.storage);
    GetParam().make(place);
    pictures.after = picture_of(*place.storage);
  }
  expect_difference(pictures);
  const auto name = [](std::size_t number) { return "jobs-" + std::to_string(number); };
  fail_each(
      pictures, [&](std::size_t number) { return copy(name(number)); },
      [&](std::size_t number) {
        EXPECT_EQ(pictures.fault_in(*opened(name(number))), "");
        for (const char* suffix : {"", "-wal", "-shm", "-lock", "-wakeup"}) {
          std::filesystem::remove(directory() / (name(number) + suffix));
        }
      });
}

std::string attempt_name(const ::testing::TestParamInfo<Attempt>& one) { return one.param.name; }

INSTANTIATE_TEST_SUITE_P(Clients, InMemory, ::testing::ValuesIn(of_clients()), attempt_name);
INSTANTIATE_TEST_SUITE_P(Servers, InMemory, ::testing::ValuesIn(of_servers()), attempt_name);
INSTANTIATE_TEST_SUITE_P(Questions, InMemory, ::testing::ValuesIn(questions()), attempt_name);
INSTANTIATE_TEST_SUITE_P(Clients, InFile, ::testing::ValuesIn(of_clients()), attempt_name);
INSTANTIATE_TEST_SUITE_P(Servers, InFile, ::testing::ValuesIn(of_servers()), attempt_name);
INSTANTIATE_TEST_SUITE_P(Questions, InFile, ::testing::ValuesIn(questions()), attempt_name);

}  // namespace
}  // namespace portfire
