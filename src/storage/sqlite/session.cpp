#include "storage/sqlite/session.hpp"

#include <algorithm>

#include "storage/sqlite/packed.hpp"
#include "storage/sqlite/words.hpp"

namespace portfire::sqlite {

namespace {

// Keeps a row of `expiry` within one page.
constexpr std::size_t expiries_per_row = 500;

constexpr std::int64_t own_position = 0;
constexpr std::int64_t own_tombstones = 1;

}  // namespace

Session::Session(const std::filesystem::path& file, const Options& options)
    : database{file, Database::Access::read_write} {
  database.execute(options.durability == Durability::full ? "PRAGMA synchronous = FULL"
                                                          : "PRAGMA synchronous = NORMAL");
  database.execute("PRAGMA cache_size = -" + std::to_string(options.cache_kib));
  database.execute("PRAGMA temp_store = MEMORY");
  // Debian's library overwrites what is deleted, unless told otherwise; every index entry that goes
  // would pay for it.
  database.execute("PRAGMA secure_delete = OFF");
  // Checkpoints are taken by the writer, under the side lock: SQLite up to 3.51.2 may corrupt a
  // file when a commit runs beside a second process's checkpoint.
  database.execute("PRAGMA wal_autocheckpoint = 0");
  sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  plain_ends.offer_to(database);
  sqlite3_wal_hook(
      database.handle(),
      [](void* session, sqlite3*, const char*, int frames) {
        static_cast<Session*>(session)->wal_frames_ = frames;
        return SQLITE_OK;
      },
      this);
}

void Session::begin() {
  database.run(Query::begin);
  Rows version = database.rows(Query::data_version);
  version.next();
  // Changes exactly when another connection has committed.
  if (version.number(0) != data_version_) {
    data_version_ = version.number(0);
    reload();
  }
  begin_mark_ = catalogue.mark();
}

void Session::reload() {
  catalogue.refresh();
  servers_.clear();
  paused_queues_.reset();
  position_ = written_position_ = read_own(own_position);
  tombstones_ = read_own(own_tombstones);
}

std::int64_t Session::read_own(std::int64_t number) {
  Rows rows = database.rows(Query::read_tally, Tally::own, number, 0);
  return rows.next() ? rows.number(0) : 0;
}

void Session::commit() {
  write_expiries();
  held.flush(database);
  if (position_ != written_position_) {
    tallies.add(Tally::own, own_position, 0, position_ - written_position_);
  }
  tallies.flush(database);
  database.run(Query::commit);
  written_position_ = position_;
  held.committed();
}

void Session::roll_back() {
  // After some errors SQLite has rolled back by itself; then this fails, and rightly.
  sqlite3_exec(database.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  tallies.clear();
  held.rolled_back();
  expiries_.clear();
  ended_parents.clear();
  batch_changes.clear();
  limits.clear();
  news = {};
  server_ids_.clear();
  batch_ids_.clear();
  catalogue.restore(begin_mark_);
  data_version_ = -1;  // whatever else is in memory is read again
}

void Session::write_expiries() {
  // Those of one instant were noted one after another, because a request has one instant.
  for (std::size_t i = 0; i < expiries_.size();) {
    PackedWriter jobs;
    const std::int64_t at = expiries_[i].first;
    for (std::size_t n = 0; i < expiries_.size() && expiries_[i].first == at; ++i, ++n) {
      if (n == expiries_per_row) break;
      jobs.add(expiries_[i].second);
    }
    database.run(Query::add_expiry, at, next_position(), Blob{jobs.bytes()});
  }
  expiries_.clear();
}

ServerEntry* Session::server(ServerId id) {
  const auto known = servers_.find(id);
  if (known != servers_.end()) return &known->second;
  Rows rows = database.rows(Query::server_by_id, id);
  if (!rows.next()) return nullptr;
  ServerEntry entry{.number = rows.number(0),
                    .present = rows.number(1) != 0,
                    .last_token = rows.number(2),
                    .job_names = {}};
  for (std::string& name : words_from_text(rows.text(3))) entry.job_names.insert(std::move(name));
  return &servers_.emplace(id, std::move(entry)).first->second;
}

ServerId Session::server_id(std::int64_t number) {
  const auto known = server_ids_.find(number);
  if (known != server_ids_.end()) return known->second;
  Rows rows = database.rows(Query::server_id, number);
  if (!rows.next()) return {};
  return server_ids_.emplace(number, rows.id<ServerId>(0)).first->second;
}

JobId Session::batch_id(std::int64_t key) {
  const auto known = batch_ids_.find(key);
  if (known != batch_ids_.end()) return known->second;
  Rows rows = database.rows(Query::batch_id, key);
  if (!rows.next()) return {};
  // Batches are few; whoever makes very many small ones must not fill the memory with them.
  constexpr std::size_t most = 10'000;
  if (batch_ids_.size() >= most) batch_ids_.clear();
  return batch_ids_.emplace(key, rows.id<JobId>(0)).first->second;
}

const std::set<std::string, std::less<>>& Session::paused_queues() {
  if (!paused_queues_) {
    paused_queues_.emplace();
    Rows rows = database.rows(Query::paused_queues);
    while (rows.next()) paused_queues_->emplace(rows.text(0));
  }
  return *paused_queues_;
}

void Session::add_tombstones(std::int64_t count) {
  tombstones_ += count;
  tallies.add(Tally::own, own_tombstones, 0, count);
}

Savepoint::Savepoint(Session& session)
    : session_{session},
      tallies_{session.tallies.snapshot()},
      catalogue_{session.catalogue.mark()},
      held_{session.held.mark()},
      expiries_{session.expiries_.size()},
      queues_{session.news.queues} {
  session_.database.run(Query::savepoint);
}

Savepoint::~Savepoint() {
  // Left by an exception: the transaction is about to be rolled back as a whole.
}

void Savepoint::keep() {
  session_.database.run(Query::release_savepoint);
  open_ = false;
}

void Savepoint::undo() {
  if (!open_) return;
  session_.database.run(Query::undo_savepoint);
  session_.database.run(Query::release_savepoint);
  session_.tallies.restore(tallies_);
  session_.catalogue.restore(catalogue_);
  session_.held.restore(held_);
  session_.expiries_.resize(expiries_);
  session_.news.queues = queues_;  // others may be numbered by names that are undone
  session_.ended_parents.clear();
  session_.batch_changes.clear();
  session_.limits.clear();
  open_ = false;
}

}  // namespace portfire::sqlite
