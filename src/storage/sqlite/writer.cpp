#include "storage/sqlite/writer.hpp"

#include <algorithm>
#include <stop_token>

#include "storage/common/requests.hpp"

namespace portfire::sqlite {

namespace {

constexpr auto longest_transaction = std::chrono::milliseconds{100};

// The write-ahead log is copied back when it holds this many pages: rarely enough that pages
// changed often are copied once for many changes, often enough that the file stays at some 32 MiB.
constexpr int checkpoint_frames = 8000;
// A reader may keep part of it; then a stronger checkpoint waits for readers, when it has doubled.
constexpr int restart_frames = 4 * checkpoint_frames;

}  // namespace

Writer::Writer(const std::filesystem::path& file, const Options& options,
               std::shared_ptr<Runtime> runtime, SideLock& lock, WakeupHub& hub)
    : runtime_{std::move(runtime)},
      clock_{runtime_, options.time_offset},
      lock_{lock},
      hub_{hub},
      session_{file, options} {}

Writer::~Writer() {
  try {
    // Leaves a file that needs no log, where nobody else is using it.
    const Turn turn{lock_};
    sqlite3_wal_checkpoint_v2(session_.database.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                              nullptr, nullptr);
  } catch (...) {
    // What is in the log is durable; the next one to open the file finds it.
  }
}

bool Writer::should_yield() const { return runtime_->steady_now() - began_ > longest_transaction; }

std::size_t Writer::waiting() {
  const std::scoped_lock guard{mutex_};
  return urgent_.size() + waiting_.size();
}

std::unique_ptr<Event> Writer::take_event() {
  if (spare_events_.empty()) return runtime_->make_event();
  std::unique_ptr<Event> event = std::move(spare_events_.back());
  spare_events_.pop_back();
  return event;
}

void Writer::submit(Request& request, Urgency urgency) {
  std::unique_ptr<Event> event;
  bool leads = false;
  {
    const std::scoped_lock guard{mutex_};
    (urgency == Urgency::urgent ? urgent_ : waiting_).push_back(&request);
    leads = !std::exchange(led_, true);
    if (!leads) {
      event = take_event();
      request.event = event.get();
    }
  }
  while (true) {
    if (leads) lead(request);
    {
      const std::scoped_lock guard{mutex_};
      leads = std::exchange(request.leads, false);
      if (request.done) {
        if (event) spare_events_.push_back(std::move(event));
        break;
      }
      if (!event) {
        // It led, but its turn has not come: others were first, or it needs another transaction.
        event = take_event();
        request.event = event.get();
      }
    }
    // May also be a late signal to whoever had the event before.
    if (!leads) event->wait(std::stop_token{});
  }
  if (!request.error) return;
  if (request.partly_committed) throw_partly_done(request.error);
  std::rethrow_exception(request.error);
}

// One transaction (or, after a failure, one for each request), then somebody else leads.
void Writer::lead(Request& own) {
  std::vector<Request*> requests = take_requests();
  perform_together(requests);
  hand_over(requests, own);
}

// Those waiting are told first; only then the leader looks after the log, and after its successor.
void Writer::hand_over(const std::vector<Request*>& requests, Request& own) {
  std::vector<Event*> events;
  {
    const std::scoped_lock guard{mutex_};
    for (auto at = requests.rbegin(); at != requests.rend(); ++at) {
      Request& request = **at;
      if (!request.finished && !request.error) {
        waiting_.push_front(&request);
        continue;
      }
      request.done = true;
      if (&request != &own) events.push_back(request.event);
    }
  }
  // Events are kept for later, never destroyed, so one that comes late finds its event.
  for (Event* event : events) event->set();

  checkpoint_if_due();

  Event* successor = nullptr;
  {
    const std::scoped_lock guard{mutex_};
    Request* const next = !urgent_.empty()    ? urgent_.front()
                          : !waiting_.empty() ? waiting_.front()
                                              : nullptr;
    led_ = next != nullptr;
    if (next == nullptr) return;
    next->leads = true;
    if (next != &own) successor = next->event;
  }
  if (successor != nullptr) successor->set();
}

std::vector<Writer::Request*> Writer::take_requests() {
  const std::scoped_lock guard{mutex_};
  std::vector<Request*> requests{urgent_.begin(), urgent_.end()};
  requests.insert(requests.end(), waiting_.begin(), waiting_.end());
  urgent_.clear();
  waiting_.clear();
  return requests;
}

void Writer::perform_together(std::vector<Request*>& requests) {
  if (requests.size() > 1) {
    try {
      perform(requests);
      return;
    } catch (...) {
      // Somebody's request spoilt the transaction of all; alone it can spoil only its own.
    }
  }
  for (Request* request : requests) perform_alone(*request);
}

void Writer::perform_alone(Request& request) {
  try {
    Request* one = &request;
    perform({&one, 1});
  } catch (...) {
    request.error = std::current_exception();
  }
}

void Writer::perform(std::span<Request*> requests) {
  News news;
  {
    const Turn turn{lock_};
    session_.database.set_operation(requests.front()->operation);
    session_.jobs_are_awaited = hub_.anybody_waits_for_jobs();
    began_ = runtime_->steady_now();
    std::size_t performed = 0;
    try {
      session_.begin();
      for (Request* request : requests) {
        // Those left over come first in the next transaction.
        if (performed > 0 && should_yield()) break;
        session_.database.set_operation(request->operation);
        session_.now = clock_.now();
        request->finished = request->perform(session_);
        ++performed;
      }
      session_.commit();
    } catch (...) {
      for (Request* request : requests) request->finished = false;
      session_.roll_back();
      throw;
    }
    for (Request* request : requests.first(performed)) {
      request->committed();
      if (!request->finished) request->partly_committed = true;
    }
    news = std::exchange(session_.news, {});
    if (!news.empty()) lock_.tell_others();
  }
  notify(news);
}

void Writer::notify(const News& news) {
  if (news.empty()) return;
  std::vector<std::string> topics;
  for (const std::int64_t queue : news.queues) {
    topics.push_back(topics::queue(session_.catalogue.text(queue)));
  }
  for (const std::string& queue : news.queue_settings) topics.push_back(topics::queue(queue));
  if (!news.queue_settings.empty()) topics.push_back(topics::settings());
  if (news.due) topics.push_back(topics::due());
  for (const ServerId server : news.servers) topics.push_back(topics::server(server));
  for (const JobId job : news.jobs) topics.push_back(topics::job(job));
  hub_.notify(topics);
}

void Writer::checkpoint_if_due() {
  const int frames = session_.wal_frames();
  if (frames < checkpointed_frames_) checkpointed_frames_ = 0;  // the log began again
  if (frames - checkpointed_frames_ < checkpoint_frames) return;
  const int mode = frames >= restart_frames ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
  const Turn turn{lock_};
  // What goes wrong here is not the callers' matter: their changes are in the log, which only
  // grows.
  sqlite3_wal_checkpoint_v2(session_.database.handle(), nullptr, mode, nullptr, nullptr);
  checkpointed_frames_ = frames;
}

void Writer::tell_others() {
  const Turn turn{lock_};
  lock_.tell_others();
}

}  // namespace portfire::sqlite
