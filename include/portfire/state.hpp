#pragma once

/// The states of a job.
///
/// A state has a *name*, which people read and guards compare, and a *kind*, which is all that
/// storages act upon: so a user-defined state works everywhere. A state also carries why it was
/// entered (`reason`), data for people and filters, and, by kind, when it falls due or how long it
/// is kept. Plain values. The rules of moving between states are in
/// `docs/reference/job_lifecycle.md`.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <portfire/time.hpp>

namespace portfire {

/// What a storage does with a job in a state.
enum class StateKind : std::uint8_t {
  ready,    ///< waits in its lane for a server to claim it
  timed,    ///< waits for an instant, then moves on by itself
  waiting,  ///< waits for other jobs to end
  running,  ///< held by a server under an epoch
  parked,   ///< stays until somebody acts; never expires by itself unless told so
  final,    ///< over; removed when its retention has passed
};

/// How entering a state ends a job in the eyes of those who wait for it.
enum class Ending : std::uint8_t {
  none,       ///< not an end
  succeeded,  ///< fulfils *succeeded* and *finished*
  deleted,    ///< fulfils *deleted* and *finished*
  failed,     ///< fulfils *failed*: no retry is left; the job itself is only parked
  other,      ///< a user-defined end: fulfils *finished* alone
};

std::string_view to_string(StateKind kind);
std::string_view to_string(Ending ending);
std::optional<StateKind> parse_state_kind(std::string_view text);
std::optional<Ending> parse_ending(std::string_view text);

/// Names of the built-in states.
namespace state_names {
inline constexpr std::string_view enqueued = "Enqueued";
inline constexpr std::string_view scheduled = "Scheduled";
inline constexpr std::string_view awaiting = "Awaiting";
inline constexpr std::string_view processing = "Processing";
inline constexpr std::string_view succeeded = "Succeeded";
inline constexpr std::string_view failed = "Failed";
inline constexpr std::string_view deleted = "Deleted";

/// Of batches, which are jobs that wait for their members: so nothing is counted twice.
inline constexpr std::string_view batch_started = "BatchStarted";
inline constexpr std::string_view batch_succeeded = "BatchSucceeded";
inline constexpr std::string_view batch_completed = "BatchCompleted";
}  // namespace state_names

/// A state to be entered. A name has 1 to 40 bytes; a reason is one line for people.
struct State {
  std::string name;
  StateKind kind = StateKind::ready;
  Ending ending = Ending::none;

  /// Why it was entered, in words; may be empty.
  std::string reason = {};

  /// A JSON object as text, or empty for none. Shown in the history; opaque to storages.
  std::string data = {};

  /// Kind *timed* only: falls due this long after the commit, by the storage's clock …
  Duration due_in = Duration::zero();
  /// … or, where given, at this instant.
  std::optional<TimePoint> due_at = std::nullopt;

  /// Kinds *parked* and *final*: removed this long after it was entered; nothing means never.
  std::optional<Duration> retention = std::nullopt;

  friend bool operator==(const State&, const State&) = default;
};

/// How long Succeeded and Deleted jobs are kept where nothing else is said.
inline constexpr Duration default_retention = std::chrono::hours{24};
/// The same of batches.
inline constexpr Duration default_batch_retention = std::chrono::hours{24 * 7};

/// The built-in states, ready to be entered.
namespace states {
State enqueued(std::string reason = {});
State scheduled(Duration delay, std::string reason = {});
State scheduled(TimePoint due, std::string reason = {});
State awaiting(std::string reason = {});
State succeeded(std::string reason = {});
State failed(std::string reason = {}, std::string data = {});
State deleted(std::string reason = {});

/// Members are outstanding; all have succeeded; all have ended, and some otherwise.
State batch_started(std::string reason = {});
State batch_succeeded(std::string reason = {});
State batch_completed(std::string reason = {});
}  // namespace states

}  // namespace portfire
