#pragma once

// All changes of one storage: callers' requests gathered into shared transactions.

#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <portfire/runtime.hpp>
#include <portfire/sqlite.hpp>

#include "storage/common/wakeup_hub.hpp"
#include "storage/sqlite/session.hpp"
#include "storage/sqlite/side_lock.hpp"

namespace portfire::sqlite {

// The storage's clock.
class StorageClock {
 public:
  StorageClock(std::shared_ptr<Runtime> runtime, std::shared_ptr<const TimeOffset> offset)
      : runtime_{std::move(runtime)}, offset_{std::move(offset)} {}
  [[nodiscard]] std::int64_t now() const {
    const std::int64_t real = runtime_->now().time_since_epoch().count();
    return offset_ ? real + offset_->get().count() : real;
  }

 private:
  const std::shared_ptr<Runtime> runtime_;
  const std::shared_ptr<const TimeOffset> offset_;
};

// There is no writing thread. Whoever has a request and finds nobody writing becomes the leader,
// takes all requests that wait, runs them in one transaction, tells their callers and hands
// leadership on: so a lone caller changes no thread, and many share one flush to disk. Urgent
// requests come first; a transaction takes no further requests after about 100 ms.
//
// Threads: any.
class Writer {
 public:
  enum class Urgency { usual, urgent };

  Writer(const std::filesystem::path& file, const Options& options,
         std::shared_ptr<Runtime> runtime, SideLock& lock, WakeupHub& hub);
  ~Writer();

  // Runs `body(session)` in a transaction and returns when that is durable. A body is called again
  // when its transaction failed together with others; one that returns false is called again in a
  // further transaction after this one's commit, of which its `committed()` is told. Throws
  // `StorageError`, or what `body` throws; then the transaction is undone.
  template <class Body>
  void run(const char* operation, Body&& body, Urgency urgency = Urgency::usual) {
    struct Call final : Request {
      explicit Call(Body& b) : body{b} {}
      bool perform(Session& session) override {
        if constexpr (std::is_void_v<decltype(body(session))>) {
          body(session);
          return true;
        } else {
          return body(session);
        }
      }
      void committed() override {
        if constexpr (requires { body.committed(); }) body.committed();
      }
      Body& body;
    };
    Call call{body};
    call.operation = operation;
    submit(call, urgency);
  }

  // Whether the present transaction has lasted as long as one should. For bodies.
  [[nodiscard]] bool should_yield() const;

  [[nodiscard]] const StorageClock& clock() const { return clock_; }

  // Requests that wait for the next transaction. For tests, which arrange meetings.
  [[nodiscard]] std::size_t waiting();

  // Tells the other processes that something has changed, outside of any transaction.
  void tell_others();

 private:
  struct Request {
    virtual bool perform(Session& session) = 0;
    virtual void committed() = 0;

    const char* operation = "";
    bool finished = false;  // the body needs no further transaction
    bool partly_committed = false;
    std::exception_ptr error;
    // Guarded by mutex_.
    bool done = false;
    bool leads = false;
    Event* event = nullptr;  // set when done or asked to lead; null while its caller leads

   protected:
    ~Request() = default;
  };

  void submit(Request& request, Urgency urgency);
  void lead(Request& own);
  std::vector<Request*> take_requests();
  void perform_together(std::vector<Request*>& requests);
  void perform_alone(Request& request);
  void perform(std::span<Request*> requests);
  void notify(const News& news);
  void hand_over(const std::vector<Request*>& requests, Request& own);
  void checkpoint_if_due();
  std::unique_ptr<Event> take_event();  // with mutex_ held

  // Constant after construction, or synchronised by themselves.
  const std::shared_ptr<Runtime> runtime_;
  const StorageClock clock_;
  SideLock& lock_;
  WakeupHub& hub_;

  // The leader's.
  Session session_;
  SteadyPoint began_;
  int checkpointed_frames_ = 0;

  std::mutex mutex_;
  // Guarded by mutex_.
  bool led_ = false;
  std::deque<Request*> urgent_;
  std::deque<Request*> waiting_;
  std::vector<std::unique_ptr<Event>> spare_events_;
};

}  // namespace portfire::sqlite
