#include "support/drain.hpp"

#include <stdexcept>
#include <utility>

namespace portfire::faults {

namespace {

constexpr std::chrono::minutes longest_wait{1};
constexpr Job<void(std::size_t)> work_on{"work"};

}  // namespace

void Progress::add() {
  {
    const std::scoped_lock guard{mutex_};
    ++count_;
  }
  changed_.notify_all();
}

bool Progress::wait_for(std::size_t count) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, longest_wait, [&] { return count_ >= count; });
}

void Progress::await(std::size_t count) {
  if (!wait_for(count)) throw std::runtime_error{"what a test waits for does not come"};
}

std::size_t Progress::count() const {
  const std::scoped_lock guard{mutex_};
  return count_;
}

Drain::Drain(std::shared_ptr<Storage> storage, std::shared_ptr<Storage> beside, std::size_t jobs)
    : storage_{std::move(storage)},
      beside_{std::move(beside)},
      client_{beside_, {.log = silent_sink()}},
      held_from_{jobs},
      runs_of_(jobs) {
  for (std::size_t number = 0; number < jobs; ++number) {
    jobs_.push_back(client_.enqueue(work_on, number));
  }
}

void Drain::work(std::size_t number) {
  ++runs_of_[number];
  runs_.add();
  if (number >= held_from_) released_.await(1);
  ends_.add();
}

void Drain::hear(std::string_view line) {
  if (line.find("failed and will be tried again") != line.npos) troubles_.add();
}

void Drain::start() {
  Handlers handlers;
  handlers.on(work_on, [this](std::size_t number) { work(number); });
  // Small claims, so that there are many; frequent heartbeats, so that a server which works again
  // is noticed soon.
  server_.emplace(storage_, std::move(handlers),
                  ServerOptions{.workers = workers,
                                .prefetch = 4,
                                .lease = 1s,
                                .poll_interval = 50ms,
                                .log = [this](LogLevel, std::string_view line) { hear(line); }});
  server_->start();
  id_ = server_->id();
}

// Whoever waits is told of a storage that cannot be reached, which may be so for longer than one
// call's patience.
Waited Drain::wait_for(JobId job) {
  const auto deadline = std::chrono::steady_clock::now() + longest_wait;
  while (true) {
    try {
      return client_.wait(job, longest_wait);
    } catch (const StorageError& error) {
      if (!error.retryable() || std::chrono::steady_clock::now() > deadline) throw;
    }
  }
}

void Drain::expect_each_done_once() {
  for (std::size_t number = 0; number < jobs_.size(); ++number) {
    const Waited waited = wait_for(jobs_[number]);
    ASSERT_TRUE(waited.ended) << "job " << number << " is still " << waited.job->state;
    EXPECT_EQ(waited.job->state, "Succeeded") << "job " << number;
    EXPECT_EQ(runs_of_[number], 1) << "job " << number;
  }
  EXPECT_EQ(server_->id(), id_) << "the server has joined anew";
  server_.reset();
  const Statistics numbers = beside_->monitoring().statistics();
  EXPECT_EQ(numbers.lifetime.at("Succeeded"), jobs_.size());
  ASSERT_EQ(numbers.live.size(), 1U);
  EXPECT_EQ(numbers.live.front().state, "Succeeded");
  EXPECT_EQ(numbers.live.front().count, jobs_.size());
}

}  // namespace portfire::faults
