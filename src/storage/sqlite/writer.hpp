#pragma once

// All changes of one storage: callers' requests gathered into shared transactions.

#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <portfire/runtime.hpp>
#include <portfire/sqlite.hpp>

#include "storage/common/combiner.hpp"
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

// One leader runs all requests that wait in one transaction, urgent ones first; it takes no further
// ones after about 100 ms.
//
// Threads: any.
class Writer final : public Combiner {
 public:
  Writer(const std::filesystem::path& file, const Options& options,
         std::shared_ptr<Runtime> runtime, SideLock& lock, WakeupHub& hub);
  ~Writer() override;

  // Runs `body(session)` in a transaction and returns when that is durable. A body is called again
  // when its transaction failed together with others; one that returns false is called again in a
  // further transaction after this one's commit, of which its `committed()` is told. Throws
  // `StorageError`, or what `body` throws; then the transaction is undone.
  template <class Body>
  void run(const char* operation, Body&& body, Urgency urgency = Urgency::usual) {
    struct BodyRequest final : Request {
      explicit BodyRequest(Body& b) : body{b} {}
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
    BodyRequest request{body};
    request.operation = operation;
    run_request(request, urgency);
  }

  // Whether the present transaction has lasted as long as one should. For bodies.
  [[nodiscard]] bool should_yield() const;

  [[nodiscard]] const StorageClock& clock() const { return clock_; }

  // Tells the other processes that something has changed, outside of any transaction.
  void tell_others();

 private:
  struct Request : Call {
    virtual bool perform(Session& session) = 0;
    virtual void committed() = 0;

    const char* operation = "";
    bool finished = false;  // the body needs no further transaction
    bool partly_committed = false;
    std::exception_ptr error;

   protected:
    ~Request() = default;
  };

  static Request& request_of(Call* call) { return static_cast<Request&>(*call); }

  void run_request(Request& request, Urgency urgency);
  void lead() override;
  void perform_together(std::span<Call* const> calls);
  void perform_alone(Call* call);
  void perform(std::span<Call* const> calls);
  void notify(const News& news);
  void checkpoint_if_due();

  // Constant after construction, or synchronised by themselves.
  const std::shared_ptr<Runtime> runtime_;
  const StorageClock clock_;
  SideLock& lock_;
  WakeupHub& hub_;

  // The leader's.
  Session session_;
  SteadyPoint began_;
  int checkpointed_frames_ = 0;
};

}  // namespace portfire::sqlite
