#include "storage/common/listening_thread.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace portfire {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause{50};
constexpr milliseconds longest_pause{2000};

}  // namespace

ListeningThread::ListeningThread(Runtime& runtime, WakeupHub& hub, Duration poll_interval)
    : runtime_{runtime}, hub_{hub}, poll_interval_{poll_interval}, pause_{runtime.make_event()} {}

void ListeningThread::start(Work work) {
  task_ = runtime_.spawn("portfire-listen", [this, work = std::move(work)] { run(work); });
}

void ListeningThread::stop(const std::function<void()>& interrupt) {
  stop_.request_stop();
  interrupt();
  task_->join();
}

void ListeningThread::connected() {
  is_listening_ = true;
  hub_.notify_all();
}

void ListeningThread::run(const Work& work) {
  milliseconds pause = first_pause;
  while (!is_stopping()) {
    try {
      work.listen();
    } catch (const std::exception&) {
      // Those who wait look by themselves meanwhile; what is wrong they learn from what they do.
    }
    if (is_listening_.exchange(false)) pause = first_pause;
    work.forget();
    const auto chance = static_cast<Duration::rep>(runtime_.random() >> 33U);
    const Duration whole{pause};
    look_until(runtime_.steady_now() + whole / 2 + Duration{chance % whole.count()});
    pause = std::min(2 * pause, longest_pause);
  }
}

// Nothing is told meanwhile: everybody is sent to look, now and then.
void ListeningThread::look_until(SteadyPoint end) {
  while (!is_stopping()) {
    hub_.notify_all();
    const SteadyPoint now = runtime_.steady_now();
    if (now >= end) return;
    pause_->wait_until(std::min(end, now + poll_interval_), stop_.get_token());
  }
}

}  // namespace portfire
