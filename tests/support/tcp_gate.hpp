#pragma once

#include <condition_variable>
#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

struct pollfd;

namespace portfire {

// A door on the way to a server of this machine: whoever connects to its port talks to the server
// through it, until a test shuts it or cuts a connection in the middle of a word.
//
// What the members say has happened when they return. Threads: any.
class TcpGate {
 public:
  enum class Way { to_server, to_client };

  explicit TcpGate(int server_port);
  ~TcpGate();
  TcpGate(const TcpGate&) = delete;
  TcpGate& operator=(const TcpGate&) = delete;

  [[nodiscard]] int port() const { return port_; }

  // Everything passes, also what was kept back. The gate begins so.
  void open();
  // Connections stay, are even made, but nothing passes.
  void stall();
  // Connections are cut, and so is every new one.
  void close();

  // Cuts the connections that there are.
  void cut();
  // The same for the clients alone. What it has kept back of theirs reaches the server by
  // `deliver_late`.
  void cut_clients();
  void deliver_late();
  // Cuts the connection on which so many more bytes will have passed this way, those of all
  // connections added up: with 0 before the first one passes. Once.
  void cut_after(Way way, std::size_t bytes);
  // Takes that back. Whether it was there still: nothing was cut.
  bool take_back();
  // Whether that is still to come.
  [[nodiscard]] bool is_about_to_cut() const;
  // How many of these cuts came in the middle of what was passing: a part had passed, and a part
  // never will.
  [[nodiscard]] std::size_t cuts_in_the_middle() const;
  // Waits until it has happened. False after a minute.
  [[nodiscard]] bool wait_for_cut();

  // How many connections it has seen, refused ones included.
  [[nodiscard]] std::size_t connections() const;
  // Waits for one more than so many. False after a minute.
  [[nodiscard]] bool wait_for_connection(std::size_t after);
  // Waits until it keeps something back. False after a minute.
  [[nodiscard]] bool wait_for_kept_back();

 private:
  enum class Mode { open, stalled, closed };
  struct Side {
    int socket = -1;
    std::string coming;  // received from there, not yet passed on
    bool ended = false;
  };
  struct Link {
    Side client;
    Side server;
    bool is_late = false;
  };

  template <class Condition>
  bool wait_until(Condition condition);
  void run();
  std::vector<pollfd> watched() const;
  void accept_one();
  // Both: whether the link goes on.
  bool serve(Link& link);
  bool pass(Side& from, Side& to, Way way);
  static void receive(Side& side);
  static void end(Side& side);
  void end_all();
  void wake() const;

  const int server_port_;
  int port_ = 0;
  int listening_ = -1;
  int wake_ = -1;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  Mode mode_ = Mode::open;
  bool over_ = false;
  bool is_armed_ = false;
  Way armed_way_ = Way::to_server;
  std::size_t bytes_left_ = 0;
  std::size_t cuts_in_the_middle_ = 0;
  std::size_t connections_ = 0;
  std::list<Link> links_;

  std::thread thread_;
};

}  // namespace portfire
