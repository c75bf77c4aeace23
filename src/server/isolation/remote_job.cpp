#include "server/isolation/remote_job.hpp"

#include <signal.h>
#include <unistd.h>

#include <portfire/runtime.hpp>

#include "client/creation.hpp"
#include "client/text.hpp"
#include "server/isolation/errors.hpp"

namespace portfire::server::isolation {

// Jobs are created by the server, whose filters see them.
class RemoteJob::Buffer final : public Enqueuer {
 public:
  explicit Buffer(Home& home) : home_{home}, ids_{thread_runtime()} {}

  std::vector<Creation> submit_all(std::vector<JobRequest> requests, Bulk bulk) override {
    Message message{MessageType::create};
    message.writer()(requests, bulk);
    std::vector<Creation> creations;
    home_.ask(std::move(message), MessageType::created,
              [&](Reader& reader) { reader(creations).finish(); });
    return creations;
  }

  JobId new_id() override { return ids_.next<JobId>(); }

 private:
  Home& home_;
  IdSource ids_;
};

void end_with_server() {
  // Without a way back into whatever the handler is doing.
  for (;;) kill(getpid(), SIGKILL);
}

void Home::send(Message message) {
  const std::string_view bytes = message.finished();
  const std::lock_guard lock{mutex_};
  send_locked(bytes);
}

void Home::send_locked(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto status = channel_.send(bytes, Channel::Wait::yes);
    if (status == Channel::Status::ended || status == Channel::Status::reset) end_with_server();
  }
}

std::string_view Home::answer_of(MessageType type) {
  for (;;) {
    if (const auto received = channel_.next()) {
      if (received->type == type) return received->payload;
      Reader reader{received->payload};
      if (received->type == MessageType::refused) std::rethrow_exception(read_error(reader));
      throw MalformedMessage{"the server answers something else"};
    }
    const auto status = channel_.read(Channel::Wait::yes);
    if (status == Channel::Status::ended || status == Channel::Status::reset) end_with_server();
  }
}

RemoteJob::RemoteJob(const Claimed& claimed, std::string arguments, Home& home)
    : RunningJob{claimed, std::move(arguments)},
      home_{home},
      buffer_{std::make_unique<Buffer>(home)} {}

RemoteJob::~RemoteJob() = default;

void RemoteJob::set_progress(double fraction) {
  check_progress(fraction);
  Message message{MessageType::progress};
  message.writer()(fraction);
  home_.send(std::move(message));
}

void RemoteJob::add_line(ReportLine line) {
  Message message{MessageType::line};
  message.writer()(line.level, shorten(line.text, longest_line));
  home_.send(std::move(message));
}

void RemoteJob::set_parameter(const std::string& name, std::string text) {
  Message message{MessageType::parameter};
  message.writer()(name, text);
  RunningJob::set_parameter(name, std::move(text));
  home_.send(std::move(message));
}

std::string RemoteJob::parent_result(std::size_t index) const {
  Message message{MessageType::parent_result};
  message.writer()(static_cast<std::uint64_t>(index));
  std::string result;
  home_.ask(std::move(message), MessageType::result,
            [&](Reader& reader) { result = reader.take<std::string>(); });
  return result;
}

Enqueuer& RemoteJob::client() { return *buffer_; }

}  // namespace portfire::server::isolation
