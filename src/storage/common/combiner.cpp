#include "storage/common/combiner.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <ranges>
#include <stop_token>
#include <utility>

namespace portfire {

Combiner::Combiner(std::shared_ptr<Runtime> runtime, std::size_t most_leaders)
    : runtime_{std::move(runtime)}, most_leaders_{most_leaders} {}

std::size_t Combiner::waiting() {
  const std::scoped_lock guard{mutex_};
  return urgent_.size() + waiting_.size();
}

std::unique_ptr<Event> Combiner::take_event() {
  if (spare_events_.empty()) {
    spare_events_.reserve(events_ + 1);
    std::unique_ptr<Event> event = runtime_->make_event();
    ++events_;
    return event;
  }
  std::unique_ptr<Event> event = std::move(spare_events_.back());
  spare_events_.pop_back();
  return event;
}

void Combiner::submit(Call& call, Urgency urgency) {
  std::unique_ptr<Event> event;
  bool leads = false;
  {
    const std::scoped_lock guard{mutex_};
    // Now, while the call can still be refused for want of memory.
    event = take_event();
    (urgency == Urgency::urgent ? urgent_ : waiting_).append(call);
    leads = leaders_ < most_leaders_;
    if (leads) ++leaders_;
  }
  while (true) {
    if (leads) lead_for(call);
    {
      const std::scoped_lock guard{mutex_};
      // Another leader may have performed the call meanwhile; the turn has to be taken all the
      // same.
      leads = std::exchange(call.leads_, false);
      if (!leads && call.done_) {
        spare_events_.push_back(std::move(event));
        return;
      }
      if (!leads) call.event_ = event.get();
    }
    // May also be a late signal to whoever had the event before.
    if (!leads) event->wait(std::stop_token{});
  }
}

// A turn of the call's thread. The call is in no line and in nobody's hands when this throws.
void Combiner::lead_for(Call& call) {
  std::exception_ptr error;
  try {
    lead();
  } catch (...) {
    const std::scoped_lock guard{mutex_};
    if (urgent_.remove(call) || waiting_.remove(call)) error = std::current_exception();
  }
  hand_on();
  if (error) std::rethrow_exception(error);
}

std::vector<Combiner::Call*> Combiner::take(std::size_t most_weight) {
  std::vector<Call*> calls;
  std::size_t weight = 0;
  const std::scoped_lock guard{mutex_};
  calls.reserve(urgent_.size() + waiting_.size());
  for (Line* line : {&urgent_, &waiting_}) {
    while (const Call* const next = line->first()) {
      if (!calls.empty() && next->weight_ > most_weight - weight) return calls;
      weight = next->weight_ > most_weight - weight ? most_weight : weight + next->weight_;
      calls.push_back(&line->take_first());
    }
  }
  return calls;
}

void Combiner::finish(std::span<Call* const> calls) noexcept {
  // In portions, which need no memory that might be lacking.
  std::array<Event*, 64> events;
  while (!calls.empty()) {
    const auto portion = calls.first(std::min(calls.size(), events.size()));
    calls = calls.subspan(portion.size());
    std::size_t waiting = 0;
    {
      const std::scoped_lock guard{mutex_};
      for (Call* call : portion) {
        call->done_ = true;
        if (call->event_ != nullptr) events[waiting++] = call->event_;
      }
    }
    for (Event* event : std::span{events}.first(waiting)) event->set();
  }
}

void Combiner::put_back(std::span<Call* const> calls) noexcept {
  const std::scoped_lock guard{mutex_};
  for (Call* call : std::views::reverse(calls)) waiting_.prepend(*call);
}

Combiner::Call* Combiner::first_waiting() const {
  return urgent_.first() != nullptr ? urgent_.first() : waiting_.first();
}

void Combiner::hand_on() {
  Event* successor = nullptr;
  {
    const std::scoped_lock guard{mutex_};
    Call* const next = first_waiting();
    // Whoever has been asked to lead already will take the others too.
    if (next == nullptr || next->leads_) {
      --leaders_;
      return;
    }
    next->leads_ = true;
    successor = next->event_;
  }
  // Without an event its thread is about to look by itself.
  if (successor != nullptr) successor->set();
}

void Combiner::Line::append(Call& call) {
  call.next_ = nullptr;
  (last_ != nullptr ? last_->next_ : first_) = &call;
  last_ = &call;
  ++size_;
}

void Combiner::Line::prepend(Call& call) {
  call.next_ = first_;
  first_ = &call;
  if (last_ == nullptr) last_ = &call;
  ++size_;
}

Combiner::Call& Combiner::Line::take_first() {
  Call& call = *first_;
  first_ = call.next_;
  if (first_ == nullptr) last_ = nullptr;
  --size_;
  return call;
}

bool Combiner::Line::remove(const Call& call) {
  Call* before = nullptr;
  for (Call* next = first_; next != nullptr; before = next, next = next->next_) {
    if (next != &call) continue;
    (before != nullptr ? before->next_ : first_) = call.next_;
    if (last_ == next) last_ = before;
    --size_;
    return true;
  }
  return false;
}

}  // namespace portfire
