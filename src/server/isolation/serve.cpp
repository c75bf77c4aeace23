#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <string_view>

#include <portfire/handlers.hpp>
#include <portfire/isolation.hpp>
#include <portfire/runtime.hpp>

#include "crash/alternate_stack.hpp"
#include "server/crash_watch.hpp"
#include "server/handler_table.hpp"
#include "server/isolation/child_process.hpp"
#include "server/isolation/errors.hpp"
#include "server/isolation/limits.hpp"
#include "server/isolation/remote_job.hpp"
#include "server/isolation/servable.hpp"

namespace portfire::server::isolation {

namespace {

std::atomic<bool> servable = false;

struct Job {
  std::uint64_t execution = 0;
  ProcessLimits limits;
  std::uint64_t error_limit = 0;
  Execution claimed;
  std::string arguments;
};

// A child: runs one job after the other on the main thread, while another one listens for what
// cannot wait. Nothing changes hands between them on a job's way.
class Service {
 public:
  Service(const Handlers& handlers, std::shared_ptr<StackTracer> stack_tracer)
      : crash_watch_{crash_descriptor, std::move(stack_tracer)},
        handlers_{handlers, FilterChain{}},
        names_{handlers.names()},
        channel_{Descriptor{jobs_descriptor}},
        control_{control_descriptor},
        home_{channel_} {}

  void run() {
    const auto listener = thread_runtime()->spawn("portfire-stop", [this] { listen(); });
    say_hello();
    while (run_next()) {
    }
    is_leaving_ = true;
    shutdown(control_.number(), SHUT_RDWR);
    listener->join();
  }

 private:
  void say_hello() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    Message hello{MessageType::hello};
    hello.writer()(names_, static_cast<std::uint64_t>(usage.ru_maxrss) * 1024);
    home_.send(std::move(hello));
  }

  // False when the server needs this child no more.
  bool run_next() {
    for (;;) {
      if (const auto received = channel_.next()) {
        if (received->type != MessageType::job) return false;
        run(job_of(received->payload));
        return true;
      }
      const auto status = channel_.read(Channel::Wait::yes);
      if (status == Channel::Status::ended || status == Channel::Status::reset) return false;
    }
  }

  static Job job_of(std::string_view payload) {
    Job job;
    Reader{payload}(job.execution, job.limits, job.error_limit, job.claimed, job.arguments,
                    job.claimed.parameters)
        .finish();
    return job;
  }

  void run(const Job& job) {
    const BoundHandler* handler = handlers_.find(job.claimed.name);
    Outcome outcome;
    std::exception_ptr error;
    if (handler == nullptr) {
      error = std::make_exception_ptr(
          UsageError{"the process of the job has no handler for \"" + job.claimed.name + "\""});
    } else {
      error = call(job, *handler, outcome);
    }
    // What it has printed is not lost with the process.
    std::fflush(nullptr);
    if (error == nullptr && outcome.commit()) {
      error = std::make_exception_ptr(UsageError{
          "done_by commits in a transaction of the server's process, which an isolated job has no "
          "part in; return done, or run the job with Isolation::thread"});
    }
    if (error == nullptr) error = send_end(outcome);
    if (error == nullptr) return;
    Message failed{MessageType::failed};
    write_error(failed.writer(), error, job.error_limit, crash_watch_.tracer());
    home_.send(std::move(failed));
  }

  std::exception_ptr call(const Job& job, const BoundHandler& handler, Outcome& outcome) {
    const Claimed claimed{.execution = job.claimed, .handler = &handler, .claimed_at = {}};
    RemoteJob running{claimed, job.arguments, home_};
    const Shown shown{*this, running, job.execution};
    Context context{running};
    try {
      const CrashWatch::Witness witness{crash_watch_, 0, claimed};
      const AppliedLimits applied{job.limits};
      outcome = handler.handler->run(context);
    } catch (...) {
      return std::current_exception();
    }
    return nullptr;
  }

  std::exception_ptr send_end(const Outcome& outcome) {
    try {
      Message end{MessageType::end};
      end.writer()(outcome.kind(), outcome.delay(), outcome.result(), outcome.reason());
      home_.send(std::move(end));
      return nullptr;
    } catch (const UsageError&) {
      return std::current_exception();
    }
  }

  // The job that runs, open to the listener.
  class Shown {
   public:
    Shown(Service& service, RunningJob& running, std::uint64_t execution) : service_{service} {
      const std::lock_guard lock{service_.mutex_};
      service_.running_ = &running;
      service_.execution_ = execution;
      service_.pass_on();
    }
    ~Shown() {
      const std::lock_guard lock{service_.mutex_};
      service_.running_ = nullptr;
    }
    Shown(const Shown&) = delete;
    Shown& operator=(const Shown&) = delete;

   private:
    Service& service_;
  };

  // With the mutex held. The request may have come before the job, on its own way.
  void pass_on() {
    if (running_ == nullptr || asked_.execution != execution_) return;
    if (asked_.reason != StopReason::none) running_->trip(asked_.reason);
  }

  void listen() {
    for (;;) {
      StopRequest request;
      const ssize_t got = recv(control_.number(), &request, sizeof request, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got != sizeof request) break;
      const std::lock_guard lock{mutex_};
      asked_ = request;
      pass_on();
    }
    // The server has ended without a word, or the handler has closed what is not its own.
    if (!is_leaving_) end_with_server();
  }

  const crash::AlternateStack alternate_stack_;
  const CrashWatch crash_watch_;
  const HandlerTable handlers_;
  const std::vector<std::string> names_;
  Channel channel_;
  const Descriptor control_;
  Home home_;
  std::atomic<bool> is_leaving_ = false;

  std::mutex mutex_;
  RunningJob* running_ = nullptr;  // guarded by mutex_
  std::uint64_t execution_ = 0;    // guarded by mutex_
  StopRequest asked_;              // guarded by mutex_
};

bool is_socket(int descriptor) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

// Whatever becomes of its server, it does not outlive it.
void end_with(std::string_view parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pid_t expected = 0;
  std::from_chars(parent.data(), parent.data() + parent.size(), expected);
  if (getppid() != expected) end_with_server();
}

// What stops a service tells all of its processes. Its server lets a child go when its job may end;
// a handler that does nothing is gone, as it should be, in what the job executes.
void leave_termination_to_server() {
  struct sigaction action = {};
  action.sa_handler = [](int) {};
  action.sa_flags = SA_RESTART;
  sigaction(SIGTERM, &action, nullptr);
}

// Where memory runs out, the system ends a job rather than its server.
void offer_itself() { std::ofstream{"/proc/self/oom_score_adj"} << 500; }

}  // namespace

bool is_servable() { return servable; }

}  // namespace portfire::server::isolation

namespace portfire {

std::optional<int> serve_isolated(int argument_count, char** arguments, const Handlers& handlers,
                                  std::shared_ptr<StackTracer> stack_tracer) {
  using namespace server::isolation;
  servable = true;
  if (argument_count != 3 || std::string_view{arguments[1]} != child_word) return std::nullopt;
  if (!is_socket(jobs_descriptor) || !is_socket(control_descriptor)) {
    throw UsageError{std::string{child_word} +
                     " is for a server that starts this program by itself"};
  }
  for (const int descriptor : {jobs_descriptor, control_descriptor, crash_descriptor}) {
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  }
  end_with(arguments[2]);
  leave_termination_to_server();
  offer_itself();
  Service{handlers, std::move(stack_tracer)}.run();
  return 0;
}

}  // namespace portfire
