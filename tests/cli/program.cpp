#include "cli/program.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <portfire/handlers.hpp>
#include <portfire/log.hpp>
#include <portfire/open.hpp>
#include <portfire/server.hpp>

namespace portfire::cli {

namespace {

std::string content_of(const std::string& file) {
  std::ifstream stream{file};
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> environment_with(const std::string& storage) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (!text.starts_with("PORTFIRE_STORAGE=")) variables.push_back(text);
  }
  if (!storage.empty()) variables.push_back("PORTFIRE_STORAGE=" + storage);
  return variables;
}

}  // namespace

nlohmann::json Finished::json() const {
  auto object = nlohmann::json::parse(out, nullptr, false);
  EXPECT_TRUE(object.is_object()) << out << err;
  return object;
}

void ProgramTest::SetUp() {
  std::string pattern = std::filesystem::temp_directory_path() / "portfire-cli-XXXXXX";
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  directory_ = pattern;
}

void ProgramTest::TearDown() { std::filesystem::remove_all(directory_); }

std::shared_ptr<Storage> ProgramTest::storage() { return open(url(), all_drivers()); }

Finished ProgramTest::run_with(const std::string& environment, const Arguments& arguments,
                               const std::string& input) const {
  std::vector<std::string> words = {PORTFIRE_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment_with(environment);
  const std::string in = path("in.txt");
  const std::string out = path("out.txt");
  const std::string err = path("err.txt");
  std::ofstream{in} << input;

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  constexpr int writing = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, in.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), writing, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), writing, 0600);
  pid_t process = 0;
  const int failed = posix_spawn(&process, PORTFIRE_BINARY, &actions, nullptr,
                                 pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error{"cannot run " PORTFIRE_BINARY};
  int status = 0;
  waitpid(process, &status, 0);
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .out = content_of(out),
          .err = content_of(err)};
}

nlohmann::json ProgramTest::json_of(Arguments arguments, int code) const {
  arguments.emplace_back("--json");
  const Finished finished = run(arguments);
  EXPECT_EQ(finished.code, code) << finished.err;
  return finished.json();
}

std::string ProgramTest::enqueue(Arguments arguments) const {
  arguments.insert(arguments.begin(), "enqueue");
  const Finished finished = run(arguments);
  EXPECT_EQ(finished.code, 0) << finished.err;
  return finished.out.substr(0, finished.out.find('\n'));
}

void ProgramTest::let_run(const std::string& id) {
  Handlers handlers;
  handlers.on("work", [](Context& context) {
    context.log("hard at it");
    return 42;
  });
  handlers.on("fail", [] { throw std::runtime_error{"the printer is on fire"}; }, {.attempts = 0});
  const auto shared = storage();
  Server server{shared, handlers, {.workers = 1, .name = "tester", .log = silent_sink()}};
  server.start();
  Client client{shared, {.log = silent_sink()}};
  const auto job = parse_id<JobId>(id);
  ASSERT_TRUE(job);
  EXPECT_TRUE(client.wait(*job, std::chrono::minutes{1}).ended);
  server.stop();
}

}  // namespace portfire::cli
