#include "support/tcp_gate.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "support/raw_client.hpp"

namespace portfire {
namespace {

// A server that listens alone.
class Listener {
 public:
  Listener() : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t length = sizeof address;
    if (::bind(socket_, generic, length) != 0 || ::listen(socket_, 1) != 0 ||
        ::getsockname(socket_, generic, &length) != 0) {
      throw std::runtime_error{"cannot listen"};
    }
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { ::close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] int port() const { return port_; }
  // All that comes on the next connection until it ends.
  [[nodiscard]] std::string hear_all() const {
    const int connection = ::accept(socket_, nullptr, nullptr);
    std::string heard;
    std::array<char, 100> buffer{};
    for (ssize_t got = 1; got > 0;) {
      got = ::read(connection, buffer.data(), buffer.size());
      if (got > 0) heard.append(buffer.data(), static_cast<std::size_t>(got));
    }
    ::close(connection);
    return heard;
  }

 private:
  const int socket_;
  int port_ = 0;
};

class CutTest : public ::testing::Test {
 protected:
  // What comes of a message when so many bytes may pass.
  std::string rest_of(const std::string& message, std::size_t bytes) {
    gate_.cut_after(TcpGate::Way::to_server, bytes);
    EXPECT_TRUE(gate_.is_about_to_cut());
    const RawClient client{static_cast<std::uint16_t>(gate_.port())};
    client.say(message);
    std::string heard = listener_.hear_all();
    EXPECT_FALSE(gate_.is_about_to_cut());
    return heard;
  }

  Listener listener_;
  TcpGate gate_{listener_.port()};
};

TEST_F(CutTest, InTheMiddleOfAMessageIsCounted) {
  EXPECT_EQ(rest_of("a message", 3), "a m");
  EXPECT_EQ(gate_.cuts_in_the_middle(), 1U);
  EXPECT_EQ(rest_of("a message", 8), "a messag");
  EXPECT_EQ(gate_.cuts_in_the_middle(), 2U);
}

TEST_F(CutTest, BetweenMessagesIsNotCounted) {
  EXPECT_EQ(rest_of("a message", 0), "");
  EXPECT_EQ(rest_of("a message", 9), "a message");
  EXPECT_EQ(gate_.cuts_in_the_middle(), 0U);
}

TEST_F(CutTest, ThatIsTakenBackIsNotCounted) {
  gate_.cut_after(TcpGate::Way::to_server, 3);
  EXPECT_TRUE(gate_.take_back());
  EXPECT_FALSE(gate_.is_about_to_cut());
  {
    const RawClient client{static_cast<std::uint16_t>(gate_.port())};
    client.say("a message");
    client.fall_silent();
    EXPECT_EQ(listener_.hear_all(), "a message");
  }
  EXPECT_EQ(gate_.cuts_in_the_middle(), 0U);
}

}  // namespace
}  // namespace portfire
