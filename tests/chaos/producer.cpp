#include "chaos/producer.hpp"

#include <array>
#include <string>
#include <tuple>
#include <utility>

namespace portfire::chaos {

namespace {

using namespace std::chrono_literals;

Call call_for(std::vector<Number> numbers) { return {.numbers = std::move(numbers)}; }

}  // namespace

Producer::Producer(std::shared_ptr<Storage> storage, Record& record, std::atomic<Number>& numbers,
                   std::uint64_t seed)
    : client_{std::move(storage), {.log = silent_sink()}},
      record_{record},
      numbers_{numbers},
      chance_{seed} {}

void Producer::run(std::stop_token stop) {
  constexpr std::array<Deed, 10> deeds{&Producer::one,     &Producer::several,  &Producer::delayed,
                                       &Producer::family,  &Producer::batch,    &Producer::unique,
                                       &Producer::failing, &Producer::sequence, &Producer::bearing,
                                       &Producer::flow};
  while (!stop.stop_requested()) {
    (this->*deeds.at(static_cast<std::size_t>(random(0, deeds.size() - 1))))();
    keep_pace(stop);
  }
}

int Producer::random(int lowest, int highest) {
  return std::uniform_int_distribution{lowest, highest}(chance_);
}

// Most are short, some last longer than it takes to notice that something is wrong.
int Producer::milliseconds() { return random(0, 29) == 0 ? random(500, 3000) : random(0, 60); }

// A little behind the servers: never so far ahead of them that they could not catch up.
void Producer::keep_pace(std::stop_token stop) {
  constexpr std::size_t most_at_once = 150;
  constexpr int longest_pause_milliseconds = 150;
  const auto runtime = thread_runtime();
  const auto pause = [&](std::chrono::milliseconds span) {
    runtime->make_event()->wait_until(runtime->steady_now() + span, stop);
  };
  pause(std::chrono::milliseconds{random(0, longest_pause_milliseconds)});
  while (latest_.size() > most_at_once && !stop.stop_requested()) {
    try {
      if (client_.wait(latest_.front(), 1s, stop).ended) latest_.pop_front();
    } catch (const StorageError&) {
      pause(100ms);
    }
  }
}

template <class Body>
bool Producer::attempt(Call& call, Body body) {
  try {
    const Creation creation = body();
    call.fate = creation.created() ? Call::Fate::accepted : Call::Fate::refused;
  } catch (const StorageError&) {
    call.fate = Call::Fate::unknown;
  }
  const bool accepted = call.fate == Call::Fate::accepted;
  if (accepted) latest_.insert(latest_.end(), call.ids.begin(), call.ids.end());
  record_.add(call);
  return accepted;
}

bool Producer::add(Call& call, Enqueuer& enqueuer, int failures, int children) {
  return attempt(call, [&] {
    Creation creation =
        enqueuer.enqueue(work, call.numbers.front(), milliseconds(), failures, children);
    if (creation.created()) call.ids = {creation.id};
    return creation;
  });
}

void Producer::one() {
  Call call = call_for({next_number()});
  add(call, client_);
}

void Producer::several() {
  Call call;
  std::vector<std::tuple<Number, int, int, int>> calls;
  for (int left = random(2, 8); left > 0; --left) {
    call.numbers.push_back(next_number());
    calls.emplace_back(call.numbers.back(), milliseconds(), 0, 0);
  }
  attempt(call, [&] {
    const auto creations = client_.enqueue_all(work, calls);
    for (const Creation& creation : creations) call.ids.push_back(creation.id);
    return creations.front();
  });
}

void Producer::delayed() {
  Call call = call_for({next_number()});
  attempt(call, [&] {
    const std::chrono::milliseconds delay{random(1, 3000)};
    Creation creation = client_.schedule(work, delay, call.numbers.front(), milliseconds(), 0, 0);
    call.ids = {creation.id};
    return creation;
  });
}

// A job, and those that wait for it.
void Producer::family() {
  Call parent = call_for({next_number()});
  if (!add(parent, client_)) return;
  for (int left = random(1, 3); left > 0; --left) {
    Call child = call_for({next_number()});
    child.after = {{child.numbers.front(), parent.numbers.front()}};
    attempt(child, [&] {
      Creation creation = client_.continue_with(work, parent.ids.front(), child.numbers.front(),
                                                milliseconds(), 0, 0);
      child.ids = {creation.id};
      return creation;
    });
  }
}

// With a job that waits for all of them.
void Producer::batch() {
  Call members;
  attempt(members, [&] {
    Creation creation = client_.batch("chaos", [&](Batch& batch) {
      for (int left = random(1, 6); left > 0; --left) {
        members.numbers.push_back(next_number());
        members.ids.push_back(batch.enqueue(work, members.numbers.back(), milliseconds(),
                                            random(0, 9) == 0 ? 1 : 0, 0));
      }
    });
    members.batch = {creation.id};
    return creation;
  });
  follow(members);
}

void Producer::follow(const Call& members) {
  if (members.fate != Call::Fate::accepted) return;
  Call after = call_for({next_number()});
  for (const Number member : members.numbers) {
    after.after.emplace_back(after.numbers.front(), member);
  }
  attempt(after, [&] {
    Creation creation = client_.continue_with(work, members.batch.front(), after.numbers.front(),
                                              milliseconds(), 0, 0);
    after.ids = {creation.id};
    return creation;
  });
}

void Producer::unique() {
  Call call = call_for({next_number()});
  constexpr int keys = 6;
  auto scoped =
      client_.with({.unique = {.key = "key" + std::to_string(random(1, keys)),
                               .on_duplicate = random(0, 1) == 0 ? OnDuplicate::reject
                                                                 : OnDuplicate::use_existing}});
  add(call, scoped);
}

void Producer::failing() {
  Call call = call_for({next_number()});
  add(call, client_, random(1, 3));
}

void Producer::sequence() {
  auto scoped = client_.with({.sequence = {"sequence" + std::to_string(random(1, 4))}});
  for (int left = random(1, 3); left > 0; --left) {
    Call call = call_for({next_number()});
    add(call, scoped);
  }
}

void Producer::bearing() {
  Call call = call_for({next_number()});
  add(call, client_, random(0, 1), random(1, 3));
}

// Two jobs, of which one takes the result of the other, and one that waits for both.
void Producer::flow() {
  // Neighbours, though others take numbers as well.
  const Number first = numbers_.fetch_add(2) + 1;
  Call call = call_for({first, first + 1});
  call.after = {{first + 1, first}};
  attempt(call, [&] {
    Creation creation = client_.workflow("chaos", [&](Workflow& flow) {
      const auto one = flow.step(work, first, milliseconds(), 0, 0);
      const auto two = flow.step(take, first + 1, one, milliseconds());
      call.ids = {one.id(), two.id()};
    });
    call.batch = {creation.id};
    return creation;
  });
  follow(call);
}

}  // namespace portfire::chaos
