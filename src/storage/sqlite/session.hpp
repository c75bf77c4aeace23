#pragma once

// One writing connection with all that a transaction gathers: what the verbs work on.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/sqlite.hpp>
#include <portfire/storage/unit.hpp>

#include "storage/sqlite/batches.hpp"
#include "storage/sqlite/catalogue.hpp"
#include "storage/sqlite/database.hpp"
#include "storage/sqlite/held_jobs.hpp"
#include "storage/sqlite/plain_ends.hpp"
#include "storage/sqlite/tallies.hpp"

namespace portfire::sqlite {

// What a commit has to tell those who wait.
struct News {
  std::set<std::int64_t> queues;  // by number of their name
  std::set<std::string> queue_settings;
  bool due = false;
  bool recurring = false;
  std::vector<ServerId> servers;
  std::vector<JobId> jobs;
  bool jobs_ended = false;  // also where nobody here waits for one

  [[nodiscard]] bool empty() const {
    return queues.empty() && queue_settings.empty() && !due && !recurring && servers.empty() &&
           !jobs_ended;
  }
};

// What claims need to know of a server.
struct ServerEntry {
  std::int64_t number = 0;
  bool present = false;
  std::int64_t last_token = 0;
  std::set<std::string, std::less<>> job_names;
};

// Threads: one at a time: the leader of the writer.
class Session {
 public:
  // Opens the connection to a database whose schema is up to date.
  Session(const std::filesystem::path& file, const Options& options);

  Database database;
  Catalogue catalogue{database};
  Tallies tallies;
  HeldJobs held;
  PlainEnds plain_ends;
  News news;
  // The storage's clock during the present request, in microseconds.
  std::int64_t now = 0;
  // Whether somebody in this process waits for the end of a job; else its id need not be
  // remembered.
  bool jobs_are_awaited = false;

  // The next number of the sequence that gives keys and positions.
  std::int64_t next_position() { return ++position_; }
  // At `at` the job is to be removed, if it is still to expire then.
  void expires(std::int64_t key, std::int64_t at) { expiries_.emplace_back(at, key); }
  // Parents that have entered a state with an ending, to be followed up by `settle`.
  struct EndedParent {
    std::int64_t key;
    Ending ending;
    Release release;
  };
  std::vector<EndedParent> ended_parents;
  // The batch that was last found open: good for the creations of one unit, which end none.
  std::optional<std::pair<JobId, std::int64_t>> last_open_batch;
  // Batches with news of their members, to be followed up by `settle_batches`.
  BatchChanges batch_changes;
  // Keys of limits that may have room, to be followed up by `settle_limits`.
  std::set<std::string> limits;

  // The server, or nothing if it was never announced.
  ServerEntry* server(ServerId id);
  void forget_server(ServerId id) { servers_.erase(id); }
  // By number; of servers that are present or gone.
  ServerId server_id(std::int64_t number);
  // By the key of the batch's job, which may be gone.
  JobId batch_id(std::int64_t key);
  [[nodiscard]] const std::set<std::string, std::less<>>& paused_queues();
  void forget_queue_settings() { paused_queues_.reset(); }

  // Ids of jobs that were removed soon after their creation: `created` may be asked for again.
  [[nodiscard]] bool has_tombstones() const { return tombstones_ > 0; }
  void add_tombstones(std::int64_t count);

  // The life of a transaction, for the writer.
  void begin();
  void commit();
  void roll_back();  // never throws
  // Frames in the write-ahead log after the last commit.
  [[nodiscard]] int wal_frames() const { return wal_frames_; }

  // Tokens of claims that this process has answered with nothing, which is worth no write.
  std::map<ServerId, std::uint64_t> empty_claims;

 private:
  friend class Savepoint;
  void write_expiries();
  void reload();
  std::int64_t read_own(std::int64_t number);

  std::int64_t position_ = 0;
  std::int64_t written_position_ = 0;
  std::int64_t tombstones_ = 0;
  std::int64_t data_version_ = -1;
  int wal_frames_ = 0;
  Catalogue::Mark begin_mark_;
  std::vector<std::pair<std::int64_t, std::int64_t>> expiries_;  // at, key
  std::map<ServerId, ServerEntry> servers_;
  std::map<std::int64_t, ServerId> server_ids_;
  std::map<std::int64_t, JobId> batch_ids_;
  std::optional<std::set<std::string, std::less<>>> paused_queues_;
};

// Undoes what a unit of several steps has done, unless `keep` was called.
class Savepoint {
 public:
  explicit Savepoint(Session& session);
  ~Savepoint();
  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;

  void keep();
  void undo();

 private:
  Session& session_;
  const std::vector<Tallies::Entry> tallies_;
  const Catalogue::Mark catalogue_;
  const std::size_t held_;
  const std::size_t expiries_;
  const std::set<std::int64_t> queues_;  // of the news
  bool open_ = true;
};

}  // namespace portfire::sqlite
