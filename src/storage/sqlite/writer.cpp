#include "storage/sqlite/writer.hpp"

#include <algorithm>
#include <new>

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
    : Combiner{runtime},
      runtime_{std::move(runtime)},
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

void Writer::run_request(Request& request, Urgency urgency) {
  submit(request, urgency);
  if (!request.error) return;
  if (request.partly_committed) throw_partly_done(request.error);
  std::rethrow_exception(request.error);
}

// One transaction (or, after a failure, one for each request). Those waiting are told first; only
// then the leader looks after the log.
void Writer::lead() {
  std::vector<Call*> calls = take();
  if (calls.empty()) return;
  perform_together(calls);
  const auto left = std::ranges::stable_partition(
      calls, [](Call* call) { return request_of(call).finished || request_of(call).error; });
  put_back(left);
  finish(std::span{calls.begin(), left.begin()});
  checkpoint_if_due();
}

void Writer::perform_together(std::span<Call* const> calls) {
  if (calls.size() > 1) {
    try {
      perform(calls);
      return;
    } catch (...) {
      // Somebody's request spoilt the transaction of all; alone it can spoil only its own.
    }
  }
  for (Call* call : calls) perform_alone(call);
}

void Writer::perform_alone(Call* call) {
  try {
    perform({&call, 1});
  } catch (...) {
    request_of(call).error = std::current_exception();
  }
}

void Writer::perform(std::span<Call* const> calls) {
  News news;
  {
    const Turn turn{lock_};
    session_.database.set_operation(request_of(calls.front()).operation);
    session_.jobs_are_awaited = hub_.anybody_waits_for_jobs();
    began_ = runtime_->steady_now();
    std::size_t performed = 0;
    try {
      session_.begin();
      for (Call* call : calls) {
        // Those left over come first in the next transaction.
        if (performed > 0 && should_yield()) break;
        Request& request = request_of(call);
        session_.database.set_operation(request.operation);
        session_.now = clock_.now();
        request.finished = request.perform(session_);
        ++performed;
      }
      session_.commit();
    } catch (...) {
      for (Call* call : calls) request_of(call).finished = false;
      session_.roll_back();
      throw;
    }
    for (Call* call : calls.first(performed)) {
      Request& request = request_of(call);
      request.committed();
      if (!request.finished) request.partly_committed = true;
    }
    news = std::exchange(session_.news, {});
    if (!news.empty()) lock_.tell_others();
  }
  try {
    notify(news);
  } catch (const std::bad_alloc&) {
    // All is committed. Whoever waits looks by itself after a while.
  }
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
  if (news.recurring) topics.push_back(topics::recurring());
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
