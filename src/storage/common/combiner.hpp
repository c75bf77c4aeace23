#pragma once

// Calls of many threads, gathered and performed together: group commit without a committing thread.
//
// Whoever has a call and finds a free turn becomes a leader and performs all that waits; meanwhile
// others gather, and when the leader is done the first of them leads. So a lone caller waits for
// nobody and changes no thread, and many share one transaction, round trip or flush to disk.

#include <cstddef>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <portfire/runtime.hpp>

namespace portfire {

// Threads: any. Holds its mutex only where nothing waits.
class Combiner {
 public:
  // What one thread wants done. It lives until `submit` returns.
  class Call {
   public:
    explicit Call(std::size_t weight = 1) : weight_{weight} {}
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   protected:
    ~Call() = default;

   private:
    friend class Combiner;
    const std::size_t weight_;
    // Guarded by mutex_.
    Call* next_ = nullptr;  // in its line
    bool done_ = false;
    bool leads_ = false;
    Event* event_ = nullptr;  // set when done or asked to lead; null until its thread has to wait
  };

  enum class Urgency : unsigned char { usual, urgent };

  virtual ~Combiner() = default;

  // Calls that nobody has taken yet. For tests, which arrange meetings.
  [[nodiscard]] std::size_t waiting();

 protected:
  // So many groups are under way at the same time at most.
  explicit Combiner(std::shared_ptr<Runtime> runtime, std::size_t most_leaders = 1);

  // Returns when the call is finished. Calls `lead` whenever it is this thread's turn. Throws
  // std::bad_alloc when the call has not been taken.
  void submit(Call& call, Urgency urgency = Urgency::usual);

  // One turn: takes calls, performs them, finishes each or puts it back. Throws at most what `take`
  // throws. There may be none left to take.
  virtual void lead() = 0;

  // For `lead`. Takes what waits, urgent calls first, until their weights exceed `most_weight`; one
  // at least. Throws std::bad_alloc; then it has taken none.
  std::vector<Call*> take(std::size_t most_weight = std::numeric_limits<std::size_t>::max());

  // For `lead`. Lets the threads of these calls go.
  void finish(std::span<Call* const> calls) noexcept;

  // For `lead`. These need another turn, and come first in it.
  void put_back(std::span<Call* const> calls) noexcept;

 private:
  // Calls in the order in which they came. Needs no memory of its own: what has been accepted can
  // always be passed on.
  class Line {
   public:
    [[nodiscard]] Call* first() const { return first_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    void append(Call& call);
    void prepend(Call& call);
    Call& take_first();
    bool remove(const Call& call);  // false when it is not there

   private:
    Call* first_ = nullptr;
    Call* last_ = nullptr;
    std::size_t size_ = 0;
  };

  void lead_for(Call& call);
  void hand_on();
  // With mutex_ held:
  [[nodiscard]] Call* first_waiting() const;
  std::unique_ptr<Event> take_event();

  const std::shared_ptr<Runtime> runtime_;
  const std::size_t most_leaders_;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::size_t leaders_ = 0;
  Line urgent_;
  Line waiting_;
  // Kept, never destroyed, so that a late signal finds its event. There is room for all of them.
  std::vector<std::unique_ptr<Event>> spare_events_;
  std::size_t events_ = 0;  // also those in use
};

}  // namespace portfire
