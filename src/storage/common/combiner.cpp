#include "storage/common/combiner.hpp"

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
  if (spare_events_.empty()) return runtime_->make_event();
  std::unique_ptr<Event> event = std::move(spare_events_.back());
  spare_events_.pop_back();
  return event;
}

void Combiner::submit(Call& call, Urgency urgency) {
  std::unique_ptr<Event> event;
  bool leads = false;
  {
    const std::scoped_lock guard{mutex_};
    (urgency == Urgency::urgent ? urgent_ : waiting_).push_back(&call);
    leads = leaders_ < most_leaders_;
    if (leads) ++leaders_;
  }
  while (true) {
    if (leads) {
      lead();
      hand_on();
    }
    {
      const std::scoped_lock guard{mutex_};
      // Another leader may have performed the call meanwhile; the turn has to be taken all the
      // same.
      leads = std::exchange(call.leads_, false);
      if (!leads && call.done_) {
        if (event) spare_events_.push_back(std::move(event));
        return;
      }
      if (!leads && !event) {
        event = take_event();
        call.event_ = event.get();
      }
    }
    // May also be a late signal to whoever had the event before.
    if (!leads) event->wait(std::stop_token{});
  }
}

std::vector<Combiner::Call*> Combiner::take(std::size_t most_weight) {
  std::vector<Call*> calls;
  std::size_t weight = 0;
  const std::scoped_lock guard{mutex_};
  for (std::deque<Call*>* line : {&urgent_, &waiting_}) {
    while (!line->empty()) {
      Call* const next = line->front();
      if (!calls.empty() && next->weight_ > most_weight - weight) return calls;
      weight = next->weight_ > most_weight - weight ? most_weight : weight + next->weight_;
      calls.push_back(next);
      line->pop_front();
    }
  }
  return calls;
}

void Combiner::finish(std::span<Call* const> calls) {
  std::vector<Event*> events;
  events.reserve(calls.size());
  {
    const std::scoped_lock guard{mutex_};
    for (Call* call : calls) {
      call->done_ = true;
      if (call->event_ != nullptr) events.push_back(call->event_);
    }
  }
  for (Event* event : events) event->set();
}

void Combiner::put_back(std::span<Call* const> calls) {
  const std::scoped_lock guard{mutex_};
  waiting_.insert(waiting_.begin(), calls.begin(), calls.end());
}

Combiner::Call* Combiner::first_waiting() {
  if (!urgent_.empty()) return urgent_.front();
  return waiting_.empty() ? nullptr : waiting_.front();
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

}  // namespace portfire
