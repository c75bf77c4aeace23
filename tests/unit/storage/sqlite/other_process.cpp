// The other process of the tests: works on a database as it is told, and says on its standard
// output what it has done, a line each, so that a test can wait for it.
//
//   other_process enqueue FILE COUNT SEED    creates COUNT jobs, one commit each
//   other_process churn FILE SEED            creates, claims, finishes, deletes … until it is
//   killed

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/sqlite.hpp>
#include <portfire/testing/builders.hpp>

namespace {

using portfire::testing::JobBuilder;
using portfire::testing::UnitBuilder;

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

int enqueue(portfire::Storage& storage, portfire::testing::TestIds& ids, int count) {
  for (int i = 0; i < count; ++i) {
    const portfire::Unit unit = UnitBuilder{ids.next<portfire::UnitId>()}.create(
        JobBuilder{ids.next<portfire::JobId>(), "work"});
    if (!storage.jobs().commit({&unit, 1}).front().done()) return 1;
  }
  say("done");
  return 0;
}

// One round: everything that writes, in several transactions.
void churn_once(portfire::Storage& storage, portfire::testing::TestIds& ids,
                portfire::ServerId server, std::uint64_t token) {
  UnitBuilder creations{ids.next<portfire::UnitId>()};
  std::vector<portfire::JobId> created;
  for (int i = 0; i < 10; ++i) {
    created.push_back(ids.next<portfire::JobId>());
    creations.create(JobBuilder{created.back(), "work"});
  }
  creations.create(JobBuilder{ids.next<portfire::JobId>(), "work"}.after(created.front()));
  const portfire::Unit creation = creations;
  storage.jobs().commit({&creation, 1});

  std::vector<portfire::Unit> ends;
  for (const portfire::Execution& execution :
       storage.jobs()
           .claim({.server = server, .token = token, .queues = {"default"}, .max = 8})
           .executions) {
    ends.push_back(
        UnitBuilder{ids.next<portfire::UnitId>()}.move(portfire::testing::ending(execution)));
  }
  storage.jobs().commit(ends);
  const portfire::Unit deletion =
      UnitBuilder{ids.next<portfire::UnitId>()}.move(portfire::testing::TransitionBuilder{
          created.back(), portfire::states::deleted("not wanted")});
  storage.jobs().commit({&deletion, 1});
}

[[noreturn]] void churn(portfire::Storage& storage, portfire::testing::TestIds& ids) {
  const portfire::ServerInfo server{
      .id = ids.next<portfire::ServerId>(), .name = "churn", .job_names = {"work"}};
  storage.coordination().announce(server);
  for (std::uint64_t token = 1;; ++token) {
    churn_once(storage, ids, server.id, token);
    say("round " + std::to_string(token));
  }
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  const auto storage = portfire::sqlite::open(words.at(1));
  portfire::testing::TestIds ids{static_cast<std::uint16_t>(std::stoul(words.back()))};
  if (words.at(0) == "churn") churn(*storage, ids);
  return enqueue(*storage, ids, std::stoi(words.at(2)));
}
