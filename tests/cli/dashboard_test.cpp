// `portfire dashboard` and `portfire hash-password`.

#include <csignal>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cli/program.hpp"
#include "support/process.hpp"
#include "support/raw_client.hpp"

namespace portfire::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The command while it serves. Ends with SIGTERM.
class Serving {
 public:
  Serving(const Arguments& arguments, const std::string& out) {
    Command command{PORTFIRE_BINARY};
    command.insert(command.end(), arguments.begin(), arguments.end());
    if (::mkfifo(out.c_str(), 0600) != 0) throw std::runtime_error{"mkfifo failed"};
    const File nothing{"/dev/null", O_RDONLY};
    const File pipe{out, O_RDWR};  // for writing alone it would wait for a reader
    process_ = spawn_process(command, nothing.number(), pipe.number());
    out_.open(out);
  }
  ~Serving() {
    if (process_) stop();
  }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

  std::string line() {
    std::string text;
    std::getline(out_, text);
    return text;
  }
  int stop() {
    process_.signal(SIGTERM);
    const int status = process_.wait();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  OwnedProcess process_;
  std::ifstream out_;
};

class DashboardCommand : public StorageTest {
 protected:
  static std::string answer(const std::string& url, const std::string& target,
                            const std::string& headers = {}) {
    RawClient client{
        static_cast<std::uint16_t>(std::stoi(url.substr(url.find("127.0.0.1:") + 10)))};
    client.say("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers +
               "\r\n");
    return client.hear_all();
  }
};

TEST_F(DashboardCommand, ServesTheStorageUntilItIsToldToStop) {
  const std::string id = enqueue({"work"});
  Serving serving{{"dashboard", "--storage", url(), "--listen", "127.0.0.1:0", "--json"},
                  path("out")};
  const std::string address = nlohmann::json::parse(serving.line()).at("url");
  EXPECT_THAT(answer(address, "/api/v1/jobs/" + id), HasSubstr("\"state\":\"Enqueued\""));
  EXPECT_THAT(answer(address, "/jobs"), HasSubstr("<base href=\"/\""));
  EXPECT_EQ(serving.stop(), 0);
}

TEST_F(DashboardCommand, LetsInWhomItsFilesName) {
  const Finished hash = run({"hash-password"}, "tiger\n");
  EXPECT_THAT(hash.out, StartsWith("scrypt$"));
  std::ofstream{path("users")} << "# people\n\nann operator " << hash.out;
  std::ofstream{path("tokens")} << "ci viewer 0123456789abcdef\n";
  Serving serving{{"dashboard", "--storage", url(), "--listen", "127.0.0.1:0", "--prefix", "/ops",
                   "--users", path("users"), "--tokens", path("tokens")},
                  path("out")};
  const std::string address = serving.line();
  EXPECT_THAT(address, HasSubstr("/ops/ until Ctrl+C"));
  EXPECT_THAT(answer(address, "/ops/"), StartsWith("HTTP/1.1 401"));
  EXPECT_THAT(answer(address, "/ops/", "Authorization: Basic YW5uOnRpZ2Vy\r\n"),
              StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer(address, "/ops/api/v1/session", "Authorization: Bearer 0123456789abcdef\r\n"),
              HasSubstr("\"role\":\"viewer\""));
}

TEST_F(DashboardCommand, SaysWhatIsWrong) {
  std::ofstream{path("bad")} << "ann operator\n";
  std::ofstream{path("empty")} << "# nobody\n";
  const std::vector<std::pair<Arguments, std::string>> cases = {
      {{"--listen", "8080"}, "ADDRESS:PORT"},
      {{"--listen", "127.0.0.1:99999"}, "ADDRESS:PORT"},
      {{"--listen", "example.com:80"}, "give an address"},
      {{"--users", "/none"}, "cannot be read"},
      {{"--users", path("bad")}, "line 1"},
      {{"--tokens", path("empty")}, "there is nobody"},
      {{"--open-to", "root"}, "viewer, operator or admin"},
      {{"--redact", "(x"}, "regular expression"},
      {{"--certificate", path("bad"), "--listen", "127.0.0.1:0"}, "belong together"}};
  for (const auto& [options, message] : cases) {
    Arguments arguments{"dashboard"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Finished finished = run(arguments);
    EXPECT_EQ(finished.code, 2) << options[0] << ' ' << options[1];
    EXPECT_THAT(finished.err, HasSubstr(message));
  }
  EXPECT_EQ(run({"hash-password"}, "").code, 2);
}

}  // namespace
}  // namespace portfire::cli
