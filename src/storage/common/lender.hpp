#pragma once

// What is lent to one caller at a time and comes back: the connections of a driver.

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <utility>
#include <vector>

#include <portfire/runtime.hpp>

namespace portfire {

// Threads: any. Holds its mutex only where nothing waits.
template <class Item>
class Lender {
 public:
  // Somebody has the item until this is destroyed; outlived by the lender.
  class Loan {
   public:
    Loan(Lender& lender, std::unique_ptr<Item> item) : lender_{lender}, item_{std::move(item)} {}
    ~Loan() { lender_.give_back(std::move(item_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

    Item& operator*() { return *item_; }
    Item* operator->() { return item_.get(); }

   private:
    Lender& lender_;
    std::unique_ptr<Item> item_;
  };

  // There are `most` items at a time at most. What is given back is kept for the next caller if
  // `may_stay`, which any thread may call at any time, says so. `runtime` outlives the lender.
  Lender(Runtime& runtime, std::size_t most, std::function<bool(Item&)> may_stay)
      : runtime_{runtime}, most_{most}, may_stay_{std::move(may_stay)} {}

  // Waits until an item is free or may be made. One that is there, the last that was given back, is
  // lent if `is_good(item)` says so, and replaced if not. `make()` answers a new one in a
  // `std::unique_ptr`. What they throw is thrown.
  template <class IsGood, class Make>
  Loan borrow(IsGood&& is_good, Make&& make) {
    std::unique_ptr<Item> item = take_place();
    try {
      if (item && !is_good(*item)) item.reset();
      if (!item) item = make();
    } catch (...) {
      give_back(nullptr);
      throw;
    }
    return Loan{*this, std::move(item)};
  }

  // Gives up the items that nobody has at present.
  void close_idle() {
    std::vector<std::unique_ptr<Item>> closing;
    const std::scoped_lock guard{mutex_};
    closing.swap(idle_);
  }

  // Callers that wait. For tests, which arrange meetings.
  [[nodiscard]] std::size_t waiting() {
    const std::scoped_lock guard{mutex_};
    return waiting_.size();
  }

 private:
  // A place among those that are lent, with an item where one is idle.
  std::unique_ptr<Item> take_place() {
    std::unique_ptr<Event> event;
    while (true) {
      {
        const std::scoped_lock guard{mutex_};
        if (!idle_.empty()) {
          std::unique_ptr<Item> item = std::move(idle_.back());
          idle_.pop_back();
          ++lent_;
          return item;
        }
        if (lent_ < most_) {
          ++lent_;
          return nullptr;
        }
        if (!event) event = runtime_.make_event();
        waiting_.push_back(event.get());
      }
      event->wait(std::stop_token{});
    }
  }

  void give_back(std::unique_ptr<Item> item) {
    if (item && !may_stay_(*item)) item.reset();
    const std::scoped_lock guard{mutex_};
    --lent_;
    if (item) idle_.push_back(std::move(item));
    if (waiting_.empty()) return;
    // Under the mutex, for as long as the event is listed its waiter keeps it.
    waiting_.front()->set();
    waiting_.pop_front();
  }

  Runtime& runtime_;
  const std::size_t most_;
  const std::function<bool(Item&)> may_stay_;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::size_t lent_ = 0;
  std::vector<std::unique_ptr<Item>> idle_;
  std::deque<Event*> waiting_;
};

}  // namespace portfire
