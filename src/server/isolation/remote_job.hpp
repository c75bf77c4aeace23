#pragma once

// One execution as its child sees it: what the handler says to its context goes to the server.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "server/isolation/channel.hpp"
#include "server/running_job.hpp"

namespace portfire::server::isolation {

// The child's end of the line. Threads: any.
class Home {
 public:
  explicit Home(Channel& channel) : channel_{channel} {}

  // Ends the process when the server has gone: nobody needs it any more.
  void send(Message message);

  // Sends and waits for the answer, which must be of that type; hands its payload to
  // `read(Reader&)`. Throws what the server has refused it with.
  template <class Read>
  void ask(Message message, MessageType answer, Read read) {
    const std::lock_guard lock{mutex_};
    send_locked(message.finished());
    Reader reader{answer_of(answer)};
    read(reader);
  }

 private:
  void send_locked(std::string_view bytes);
  std::string_view answer_of(MessageType type);

  std::mutex mutex_;
  Channel& channel_;  // guarded by mutex_ while a handler runs
};

[[noreturn]] void end_with_server();

class RemoteJob final : public RunningJob {
 public:
  RemoteJob(const Claimed& claimed, std::string arguments, Home& home);
  ~RemoteJob() override;

  void set_progress(double fraction) override;
  void add_line(ReportLine line) override;
  void set_parameter(const std::string& name, std::string text) override;
  [[nodiscard]] std::string parent_result(std::size_t index) const override;
  [[nodiscard]] Enqueuer& client() override;

 private:
  class Buffer;

  Home& home_;
  const std::unique_ptr<Buffer> buffer_;
};

}  // namespace portfire::server::isolation
