#include <portfire/state.hpp>

#include <array>

#include "model/names.hpp"

namespace portfire {

namespace {

constexpr std::array<std::string_view, 6> kind_names = {"ready",   "timed",  "waiting",
                                                        "running", "parked", "final"};
constexpr std::array<std::string_view, 5> ending_names = {"none", "succeeded", "deleted", "failed",
                                                          "other"};

}  // namespace

std::string_view to_string(StateKind kind) { return kind_names.at(static_cast<std::size_t>(kind)); }

std::string_view to_string(Ending ending) {
  return ending_names.at(static_cast<std::size_t>(ending));
}

std::optional<StateKind> parse_state_kind(std::string_view text) {
  return parse_name<StateKind>(kind_names, text);
}

std::optional<Ending> parse_ending(std::string_view text) {
  return parse_name<Ending>(ending_names, text);
}

namespace states {

State enqueued(std::string reason) {
  return {.name = std::string{state_names::enqueued},
          .kind = StateKind::ready,
          .reason = std::move(reason)};
}

State scheduled(Duration delay, std::string reason) {
  return {.name = std::string{state_names::scheduled},
          .kind = StateKind::timed,
          .reason = std::move(reason),
          .due_in = delay};
}

State scheduled(TimePoint due, std::string reason) {
  return {.name = std::string{state_names::scheduled},
          .kind = StateKind::timed,
          .reason = std::move(reason),
          .due_at = due};
}

State awaiting(std::string reason) {
  return {.name = std::string{state_names::awaiting},
          .kind = StateKind::waiting,
          .reason = std::move(reason)};
}

State succeeded(std::string reason) {
  return {.name = std::string{state_names::succeeded},
          .kind = StateKind::final,
          .ending = Ending::succeeded,
          .reason = std::move(reason),
          .retention = default_retention};
}

State failed(std::string reason, std::string data) {
  return {.name = std::string{state_names::failed},
          .kind = StateKind::parked,
          .ending = Ending::failed,
          .reason = std::move(reason),
          .data = std::move(data)};
}

State deleted(std::string reason) {
  return {.name = std::string{state_names::deleted},
          .kind = StateKind::final,
          .ending = Ending::deleted,
          .reason = std::move(reason),
          .retention = default_retention};
}

State batch_started(std::string reason) {
  return {.name = std::string{state_names::batch_started},
          .kind = StateKind::waiting,
          .reason = std::move(reason)};
}

State batch_succeeded(std::string reason) {
  return {.name = std::string{state_names::batch_succeeded},
          .kind = StateKind::final,
          .ending = Ending::succeeded,
          .reason = std::move(reason),
          .retention = default_batch_retention};
}

State batch_completed(std::string reason) {
  return {.name = std::string{state_names::batch_completed},
          .kind = StateKind::final,
          .ending = Ending::other,
          .reason = std::move(reason),
          .retention = default_batch_retention};
}

}  // namespace states

}  // namespace portfire
