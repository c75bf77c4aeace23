#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include <portfire/background_process.hpp>
#include <portfire/error.hpp>

#include "model/rules.hpp"

namespace portfire {

namespace {

// One time in office: the lock, kept alive by a task of its own however long a step takes. Ends,
// and says so by its token, before anybody else can be elected.
class Term {
 public:
  Term(ProcessContext& context, LockGrant grant, Duration lease, SteadyPoint asked_at)
      : storage_{context.storage},
        runtime_{context.runtime},
        grant_{std::move(grant)},
        lease_{lease},
        task_{runtime_.spawn("elected", [this, end = end_of(asked_at)] { keep(end); })} {}

  ~Term() {
    over_.request_stop();
    task_->join();
  }

  [[nodiscard]] std::stop_token over() const { return over_.get_token(); }
  [[nodiscard]] std::uint64_t fence() const { return grant_.fence; }
  void end() { over_.request_stop(); }

  void give_back() {
    end();
    task_->join();
    storage_.coordination().release_lock(grant_);
  }

 private:
  // A tenth early, for whoever has to stop.
  [[nodiscard]] SteadyPoint end_of(SteadyPoint asked_at) const {
    return asked_at + lease_ - lease_ / 10;
  }

  void keep(SteadyPoint valid_until) {
    const auto pause = runtime_.make_event();
    while (!over_.stop_requested()) {
      const SteadyPoint now = runtime_.steady_now();
      if (now >= valid_until) break;
      pause->wait_until(std::min(now + lease_ / 3, valid_until), over_.get_token());
      if (over_.stop_requested()) break;
      const SteadyPoint asked_at = runtime_.steady_now();
      try {
        if (!storage_.coordination().renew_lock(grant_, lease_)) break;
        valid_until = end_of(asked_at);
      } catch (const StorageError&) {
        // It holds until it has run out; the next attempt may come through.
      }
    }
    over_.request_stop();
  }

  Storage& storage_;
  Runtime& runtime_;
  const LockGrant grant_;
  const Duration lease_;
  std::stop_source over_;
  std::unique_ptr<Task> task_;
};

class ElectedProcess final : public BackgroundProcess {
 public:
  ElectedProcess(std::shared_ptr<BackgroundProcess> process, Duration lease)
      : process_{std::move(process)},
        lease_{lease},
        lock_{"process/" + std::string{process_->name()}} {}

  [[nodiscard]] std::string_view name() const override { return process_->name(); }

  [[nodiscard]] std::vector<std::string> topics(ServerId server) const override {
    std::vector<std::string> topics = process_->topics(server);
    topics.push_back(lock_);
    return topics;
  }

  Duration run_once(ProcessContext& context) override {
    if (term_ == nullptr || term_->over().stop_requested()) {
      term_.reset();
      const SteadyPoint asked_at = context.runtime.steady_now();
      auto grant =
          context.storage.coordination().acquire_lock(lock_, to_string(context.server), lease_);
      if (!grant) return lease_ / 3;
      term_ = std::make_unique<Term>(context, std::move(*grant), lease_, asked_at);
    }
    const std::stop_callback server_stops{context.stop, [this] { term_->end(); }};
    ProcessContext inner{.storage = context.storage,
                         .runtime = context.runtime,
                         .server = context.server,
                         .stop = term_->over(),
                         .log = context.log,
                         .fence = term_->fence()};
    return process_->run_once(inner);
  }

  void stopped(ProcessContext& context) override {
    process_->stopped(context);
    if (term_ == nullptr) return;
    term_->give_back();
    term_.reset();
    context.storage.wakeup().notify({&lock_, 1});
  }

 private:
  const std::shared_ptr<BackgroundProcess> process_;
  const Duration lease_;
  const std::string lock_;
  std::unique_ptr<Term> term_;
};

}  // namespace

std::shared_ptr<BackgroundProcess> once_in_cluster(std::shared_ptr<BackgroundProcess> process,
                                                   Duration lease) {
  if (process == nullptr) throw UsageError{"once_in_cluster is given no process"};
  rules::check_span("the lease of once_in_cluster", lease, std::chrono::seconds{1},
                    std::chrono::hours{1});
  return std::make_shared<ElectedProcess>(std::move(process), lease);
}

}  // namespace portfire
