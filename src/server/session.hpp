#pragma once

// One life of a server, from start to stop: all its parts, wired together.

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <portfire/server.hpp>

#include "client/creation.hpp"
#include "server/active_jobs.hpp"
#include "server/crash_watch.hpp"
#include "server/dispatcher.hpp"
#include "server/fetcher.hpp"
#include "server/finisher.hpp"
#include "server/handler_table.hpp"
#include "server/identity.hpp"
#include "server/isolation/isolator.hpp"
#include "server/lease.hpp"
#include "server/liveness.hpp"
#include "server/performer.hpp"
#include "server/process_runner.hpp"
#include "server/worker_pool.hpp"

namespace portfire::server {

// Threads: constructed, started and stopped by one thread; `id` by any.
class Session {
 public:
  // `stop_asked` is called when somebody has asked this server to stop, more than once, by a thread
  // for which `stop` would wait.
  using StopAsked = std::function<void(const Session&)>;
  Session(std::shared_ptr<Storage> storage, const Handlers& handlers, const ServerOptions& options,
          StopAsked stop_asked);
  ~Session();

  void start();
  void stop();

  [[nodiscard]] ServerId id() const { return identity_.id(); }

 private:
  void announce();
  void rejoin();
  void recover();
  void fail_poison(std::vector<Execution> poisoned);
  using Runners = std::vector<std::unique_ptr<ProcessRunner>>;
  void add(Runners& runners, std::shared_ptr<BackgroundProcess> process);
  void add_steering();
  void add_maintenance();
  void release_unstarted();
  void hand_back_running();
  void release(const std::vector<Released>& released);
  void sign_off();

  const std::shared_ptr<Storage> storage_;
  const std::shared_ptr<Runtime> runtime_;
  const ServerOptions options_;
  const std::string machine_;
  const std::vector<std::string> job_names_;

  Identity identity_;
  Lease lease_;
  IdSource ids_;
  const FilterChain filters_;
  const HandlerTable handlers_;
  const Surroundings surroundings_;
  ActiveJobs active_;
  const std::unique_ptr<isolation::Isolator> isolator_;  // null when no job is isolated
  CrashWatch crash_watch_;
  const Performer performer_;
  Dispatcher dispatcher_;
  MeanTime job_time_;
  Finisher finisher_;
  Fetcher fetcher_;
  WorkerPool workers_;
  std::unique_ptr<LivenessFile> liveness_;

  // Ends last of all: the lease must hold until everything is stored or given back.
  std::unique_ptr<ProcessRunner> lease_keeper_;
  // For the jobs that run: as long as any does.
  Runners steering_;
  // Maintenance and the user's own: end when the stopping begins.
  Runners processes_;
  bool started_ = false;
};

}  // namespace portfire::server
