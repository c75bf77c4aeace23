#pragma once

// One job as its row, and the steps that every way from state to state is made of. The common ways
// (create, claim, finish) have statements of their own that do the same to columns alone.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/state.hpp>
#include <portfire/storage/unit.hpp>

namespace portfire::sqlite {

class Database;
class Rows;
class Session;

// Bits of `job.marks`.
namespace marks {
inline constexpr std::int64_t parent = 1;        // somebody waits, or has waited, for it
inline constexpr std::int64_t extra = 2;         // has a row in `extra`
inline constexpr std::int64_t parameters = 4;    // has rows in `parameter`
inline constexpr std::int64_t payload = 8;       // its arguments are in `payload`
inline constexpr std::int64_t history = 16;      // has rows in `history`
inline constexpr std::int64_t told = 32;         // all before the present state is in `history`
inline constexpr std::int64_t ready_told = 64;   // the ready state before the run is in `history`
inline constexpr std::int64_t suspect = 128;     // was held by a server that crashed
inline constexpr std::int64_t candidates = 256;  // has rows in `candidate`
inline constexpr std::int64_t log = 512;         // has rows in `log`
inline constexpr std::int64_t ran = 1024;        // columns may tell of an earlier run
inline constexpr std::int64_t fresh_run = 2048;  // start_delay and progress are of the run before
inline constexpr std::int64_t member = 4096;     // of a batch
inline constexpr std::int64_t batch = 8192;      // is one
inline constexpr std::int64_t limited = 16384;   // has a row in `limited`

// A job with no other marks than these is claimed and finished by the short ways. The queries
// `finish_plain…` name all others.
inline constexpr std::int64_t harmless = parameters | payload | history | log | member;
}  // namespace marks

inline constexpr std::int64_t no_server = -1;

// Larger arguments are kept apart, so that they are not copied at each step of the job.
inline constexpr std::size_t largest_inline_arguments = 1024;

// One number that orders ready jobs: higher priority first, then the older position.
inline constexpr int place_bits = 40;
inline std::int64_t place_of(int priority, std::int64_t position) {
  return position - static_cast<std::int64_t>(priority) * (std::int64_t{1} << place_bits);
}
inline int priority_of(std::int64_t place) { return static_cast<int>(-(place >> place_bits)); }

struct JobRow {
  std::int64_t key = 0;
  JobId id;
  StateKind kind = StateKind::ready;
  std::int64_t state = 0;
  std::int64_t lane = 0;
  std::int64_t place = 0;
  std::uint64_t epoch = 0;
  std::int64_t marks = 0;
  std::int64_t server = no_server;
  std::int64_t since = 0;
  std::optional<std::int64_t> until = {};
  std::optional<std::int64_t> claimed_at = {};
  std::int64_t name = 0;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> ready_at = {};
  std::uint32_t attempt = 0;
  std::optional<std::int64_t> start_delay = {};
  std::optional<std::int64_t> duration = {};

  [[nodiscard]] bool has(std::int64_t bits) const { return (marks & bits) != 0; }
  void set(std::int64_t bits) { marks |= bits; }
  void clear(std::int64_t bits) { marks &= ~bits; }
  [[nodiscard]] int priority() const { return priority_of(place); }
  [[nodiscard]] std::int64_t became_ready_at() const { return ready_at.value_or(created_at); }
};

// The row at columns `first` … of the queries whose columns are those of `job_by_key`.
JobRow read_job_row(const Rows& rows);
std::optional<JobRow> job_by_key(Database& database, std::int64_t key);
std::optional<JobRow> job_by_id(Database& database, JobId id);
// By the shortcut, if it is one, otherwise by id.
std::optional<JobRow> find_job(Database& database, JobId id, std::int64_t locator);
void write_job_row(Database& database, const JobRow& row);

std::string arguments_of(Database& database, const JobRow& row);
std::map<std::string, std::string> parameters_of(Database& database, const JobRow& row);
void change_parameters(Database& database, JobRow& row,
                       const std::map<std::string, std::optional<std::string>>& parameters);

// Why and with what data the present state was entered, and the blames.
struct Words {
  std::string reason;
  std::string data;
};
Words words_of(Database& database, const JobRow& row);
void set_words(Database& database, JobRow& row, std::string_view reason, std::string_view data);
std::uint32_t crashes_of(Database& database, const JobRow& row);
void set_crashes(Database& database, JobRow& row, std::uint32_t crashes);

// Leaves the present state. `into_columns`: the next one keeps the past in the columns, which only
// the plain end of a run does; otherwise it goes to `history`.
void leave(Session& session, JobRow& row, bool into_columns = false);

// Enters a state after `leave`; the row is changed in memory only. Noted for `settle` if it ends.
void enter(Session& session, JobRow& row, const State& state,
           const std::vector<State>& elected_away = {}, Release release = Release::straight);

// Writes to `history` what the columns tell of the time before the present state.
void tell_past(Session& session, JobRow& row);
// Adds an entry for the present state.
void tell_present(Session& session, JobRow& row);

// `leave` and `enter` of a held job, whose epoch grows.
void take_away(Session& session, JobRow& row, const State& state);

// Removes a job with all that belongs to it.
void remove_job(Session& session, const JobRow& row);

// `instant` + `span`, at most the last instant there is.
std::int64_t later(std::int64_t instant, Duration span);

}  // namespace portfire::sqlite
