// Databases that refuse: no connection left, too old, not the one they claim to be.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include <libpq-fe.h>

#include "faults/faults.hpp"
#include "support/complaint.hpp"
#include "support/process.hpp"

namespace portfire::faults {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Crowd : public ::testing::Test {
 protected:
  Crowd() {
    installation_.execute("DROP ROLE IF EXISTS worker; CREATE ROLE worker LOGIN");
    installation_.execute(
        "DO $$BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO worker', current_database());"
        " END$$");
  }
  ~Crowd() override {
    leave();
    try {
      installation_.execute("DROP OWNED BY worker CASCADE");
    } catch (...) {
      // It goes with the server.
    }
  }

  [[nodiscard]] std::string worker_url() const {
    std::string url = installation_.url();
    return url.replace(url.find("postgres@"), std::string{"postgres"}.size(), "worker");
  }

  // Takes all connections that the server has for those who are not superusers.
  void enter() {
    while (true) {
      Guest guest{PQconnectdb(worker_url().c_str()), &PQfinish};
      if (PQstatus(guest.get()) != CONNECTION_OK) return;
      guests_.push_back(std::move(guest));
    }
  }
  void leave() { guests_.clear(); }

  const Installation installation_;

 private:
  using Guest = std::unique_ptr<PGconn, decltype(&PQfinish)>;
  std::vector<Guest> guests_;
};

TEST_F(Crowd, WithoutAConnectionLeftTheErrorSaysSoAndServersGoOnWhenThereIsOne) {
  const auto far = installation_.open_at(worker_url(), {.application_name = "victim"});
  Drain drain{far, far, 60};
  drain.hold_from(20);
  drain.start();
  ASSERT_TRUE(drain.wait_until_held());
  const auto look = [&] { return complaint([&] { far->jobs().held(drain.server().id()); }); };
  // One that is cut off may come back once more, before somebody else has its place.
  std::string said = look();
  for (; said == "no complaint"; said = look()) {
    installation_.execute(
        "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity"
        " WHERE application_name = 'victim'");
    enter();
  }
  EXPECT_THAT(
      said, AllOf(HasSubstr("for later"), HasSubstr("no connection left; raise max_connections")));
  drain.release();
  ASSERT_TRUE(drain.wait_for_ends(24));
  leave();
  drain.expect_each_done_once();
}

// Speaks just enough of the protocol to be asked for its version.
class OldServer {
 public:
  OldServer() : listening_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listening_, generic, length), 0);
    EXPECT_EQ(::listen(listening_, 1), 0);
    EXPECT_EQ(::getsockname(listening_, generic, &length), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] { serve(); }};
  }
  ~OldServer() {
    ::shutdown(listening_, SHUT_RDWR);
    thread_.join();
    ::close(listening_);
  }
  OldServer(const OldServer&) = delete;
  OldServer& operator=(const OldServer&) = delete;

  [[nodiscard]] std::string url() const {
    return "postgresql://postgres@127.0.0.1:" + std::to_string(port_) +
           "/any?sslmode=disable&gssencmode=disable";
  }

 private:
  static std::string message(char type, const std::string& body) {
    const auto size = static_cast<std::uint32_t>(body.size() + 4);
    std::string text{type};
    for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(size >> shift & 0xFFU);
    return text + body;
  }
  void serve() const {
    using namespace std::string_literals;
    const std::string ready = message('Z', "I");
    for (int client = 0; (client = ::accept(listening_, nullptr, nullptr)) >= 0;) {
      std::string answer =
          message('R', "\0\0\0\0"s) + message('S', "server_version\00012.9\0"s) + ready;
      // Each piece that comes is one message: the client waits for the answer.
      std::array<char, 1024> piece{};
      constexpr ssize_t encryption_request = 8;
      for (ssize_t size = 0; (size = ::recv(client, piece.data(), piece.size(), 0)) > 0;) {
        const std::string& said = size == encryption_request ? "N"s : answer;
        if (::send(client, said.data(), said.size(), MSG_NOSIGNAL) < 0) break;
        if (size != encryption_request) answer = message('C', "SET\0"s) + ready;
      }
      ::close(client);
    }
  }

  const int listening_;
  int port_ = 0;
  std::thread thread_;
};

TEST(OldServers, AreRefusedWithBothVersions) {
  const OldServer server;
  EXPECT_THAT(complaint([&] { postgresql::open(server.url()); }),
              AllOf(HasSubstr("for good"), HasSubstr("the server is PostgreSQL 12"),
                    HasSubstr("needs 13")));
  EXPECT_THAT(complaint([&] { postgresql::migrate(server.url()); }),
              HasSubstr("the server is PostgreSQL 12"));
}

class Encryption : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    PrivatePostgres& server = Installation::shared_server();
    make_certificate("server");
    make_certificate("stranger");
    const std::string local = server.url("postgres");
    server.execute(local, "ALTER SYSTEM SET ssl = on");
    server.reload();
    while (server.execute(local, "SHOW ssl") != "on") std::this_thread::yield();
  }

  // Signed by itself, so that it is its own root.
  static void make_certificate(const std::string& name) {
    const auto log = Installation::shared_server().directory() / "openssl.log";
    const auto file = [&](const char* kind) { return path(name + kind).string(); };
    const int status =
        run({"openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-days", "2", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost", "-keyout", file(".key"), "-out", file(".crt")},
            log);
    ASSERT_EQ(status, 0) << last_lines(log);
    std::filesystem::permissions(path(name + ".key"), std::filesystem::perms::owner_read);
    give_to_other_user(path(name + ".key"));
  }
  static std::filesystem::path path(const std::string& file) {
    return Installation::shared_server().data() / file;
  }

  [[nodiscard]] std::string url(const std::string& host, const std::string& root) const {
    std::string url = installation_.url();
    url.replace(url.find("127.0.0.1"), std::string{"127.0.0.1"}.size(), host);
    return url + "?sslmode=verify-full&sslrootcert=" + root;
  }
  std::string complaint_of(const std::string& url) {
    return complaint([&] { static_cast<void>(installation_.open_at(url)); });
  }

  const Installation installation_;
};

TEST_F(Encryption, TheConnectionStringAsksForIt) {
  const auto far = installation_.open_at(url("localhost", path("server.crt")),
                                         {.application_name = "encrypted"});
  Drain drain{far, far, 40};
  drain.start();
  drain.expect_each_done_once();
  EXPECT_EQ(installation_.execute("SELECT bool_and(ssl) FROM pg_stat_ssl"
                                  " JOIN pg_stat_activity USING (pid)"
                                  " WHERE application_name = 'encrypted'"),
            "t");
}

TEST_F(Encryption, AServerThatIsNotTrustedIsRefusedForGood) {
  EXPECT_THAT(complaint_of(url("localhost", path("stranger.crt"))),
              AllOf(HasSubstr("for good"), HasSubstr("certificate is not trusted"),
                    HasSubstr("sslrootcert")));
  EXPECT_THAT(complaint_of(url("127.0.0.1", path("server.crt"))),
              AllOf(HasSubstr("for good"), HasSubstr("certificate is not for this host")));
  EXPECT_THAT(
      complaint_of(url("localhost", "/nowhere/root.crt")),
      AllOf(HasSubstr("for good"), HasSubstr("/nowhere/root.crt"), HasSubstr("check sslrootcert")));
}

TEST_F(Encryption, AServerWithoutItIsRefusedForGood) {
  const OldServer server;
  EXPECT_THAT(complaint([&] { postgresql::open(server.url() + "&sslmode=require"); }),
              AllOf(HasSubstr("for good"), HasSubstr("the server has no TLS")));
}

}  // namespace
}  // namespace portfire::faults
