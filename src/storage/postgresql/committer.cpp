#include "storage/postgresql/committer.hpp"

#include <algorithm>
#include <stop_token>
#include <utility>

#include "storage/common/requests.hpp"
#include "storage/postgresql/batch.hpp"
#include "storage/postgresql/errors.hpp"

namespace portfire::postgresql {

namespace {

// More make a transaction longer, not cheaper.
constexpr std::size_t most_units = 2000;

}  // namespace

Committer::Committer(Pool& pool, Claims& claims) : pool_{pool}, claims_{claims} {}

std::vector<CommitResult> Committer::commit(std::span<const Unit> units) {
  std::vector<CommitResult> results(units.size());
  for (std::size_t done = 0; done < units.size();) {
    const std::size_t count = std::min(most_units, units.size() - done);
    Call call{.units = units.subspan(done, count),
              .results = std::span{results}.subspan(done, count)};
    submit(call);
    if (call.error && done > 0) throw_partly_done(call.error);
    if (call.error) std::rethrow_exception(call.error);
    done += count;
  }
  return results;
}

std::size_t Committer::waiting() {
  const std::scoped_lock guard{mutex_};
  return waiting_.size();
}

std::unique_ptr<Event> Committer::take_event() {
  if (spare_events_.empty()) return pool_.settings().runtime()->make_event();
  std::unique_ptr<Event> event = std::move(spare_events_.back());
  spare_events_.pop_back();
  return event;
}

void Committer::submit(Call& call) {
  std::unique_ptr<Event> event;
  {
    const std::scoped_lock guard{mutex_};
    waiting_.push_back(&call);
    call.leads = !std::exchange(led_, true);
    if (!call.leads) event = take_event();
    call.event = event.get();
  }
  while (true) {
    bool leads = false;
    {
      const std::scoped_lock guard{mutex_};
      if (call.done) {
        // Kept for later, never destroyed, so that a late signal finds it.
        if (event) spare_events_.push_back(std::move(event));
        return;
      }
      leads = std::exchange(call.leads, false);
    }
    if (leads) {
      lead();
    } else {
      // May also be a late signal to whoever had the event before.
      event->wait(std::stop_token{});
    }
  }
}

// One transaction, then somebody else leads. The leader's own call is the first of those that wait.
void Committer::lead() {
  const std::vector<Call*> calls = take_calls();
  perform_together(calls);
  std::vector<Event*> events;
  {
    const std::scoped_lock guard{mutex_};
    for (Call* call : calls) {
      call->done = true;
      if (call->event != nullptr) events.push_back(call->event);
    }
    led_ = !waiting_.empty();
    if (led_) {
      waiting_.front()->leads = true;
      events.push_back(waiting_.front()->event);
    }
  }
  for (Event* event : events) event->set();
}

std::vector<Committer::Call*> Committer::take_calls() {
  const std::scoped_lock guard{mutex_};
  std::vector<Call*> calls;
  std::size_t units = 0;
  while (!waiting_.empty()) {
    units += waiting_.front()->units.size();
    if (units > most_units && !calls.empty()) break;
    calls.push_back(waiting_.front());
    waiting_.pop_front();
  }
  return calls;
}

void Committer::perform_together(const std::vector<Call*>& calls) {
  try {
    return perform(calls, Sent::perhaps);
  } catch (const DatabaseError& error) {
    // What ails the connection or the server ails each of them.
    const bool ails_all = error.cure() == Cure::reconnect || error.cure() == Cure::wait;
    if (calls.size() == 1 || ails_all) {
      for (Call* call : calls) call->error = std::current_exception();
      return;
    }
  } catch (...) {
    if (calls.size() == 1) {
      calls.front()->error = std::current_exception();
      return;
    }
  }
  // Somebody's units spoilt the transaction of all; alone they can spoil only their own.
  for (Call* const& call : calls) {
    try {
      perform({&call, 1}, Sent::before);
    } catch (...) {
      call->error = std::current_exception();
    }
  }
}

void Committer::perform(std::span<Call* const> calls, Sent sent) {
  Batch batch{claims_, sent};
  for (Call* call : calls) batch.add(call->units, call->results);
  pool_.with("commit", [&](Connection& connection) { batch.run(connection); });
}

}  // namespace portfire::postgresql
