#pragma once

// The steps of which all verbs are made: how a job leaves a state and enters another one, and what
// that means for the indexes, the numbers and the jobs that wait for it.

#include <optional>
#include <span>
#include <string_view>

#include "storage/memory/data.hpp"

namespace portfire::memory {

// Keeps an image of the job if the unit in progress may have to be taken back. To be called before
// the first change of a job.
void touch(Call& call, Job& job);

// Takes the job out of its present state: off all indexes, its history noted, parents, candidate
// and expiry forgotten. Until it arrives somewhere, its queue, priority and marks may be changed.
void leave(Call& call, Job& job);

// Lets a new job, or one that has left its state, enter a state. Does not look after its
// continuations.
void arrive(Call& call, Job& job, const State& state, std::span<const State> elected_away = {});

// Counts the creation of a job and lets it enter its first state.
void begin(Call& call, Job& job, const NewJob& description);

// Both leave and arrive, for a change without further conditions; continuations are let go.
void move(Call& call, Job& job, const State& state);

// Lets the server hold a ready job, or one that has left its state, under a new epoch.
void hold(Call& call, Job& job, Server& server);

// Undoes the claim of a held job, which returns to its old place, or to the named lane.
void undo_claim(Call& call, Job& job, bool no_handler);

// Puts a held job back to the tail of its queue, under a new epoch.
void requeue(Call& call, Job& job, std::string_view reason);

// Decides for those who wait for the job, now that it has ended so, and for those who wait for
// them.
void settle(Call& call, Job& ended, Ending ending, Release release);

// Lets a waiting job wait for nobody any more.
void forget_parents(Call& call, Job& job);

// Makes the job wait for its parents, or moves it on at once if that is decided already.
void wait_for_parents(Call& call, Job& job, const NewJob& description);

// Lets a job that ends its waiting take its next state, as `release` says.
void conclude(Call& call, Job& job, State next, Release release);

// Keeps an image of the job whatever the unit in progress changes besides.
void keep_image(Call& call, Job& job);

// Takes a running job from its holder, which is told.
void take_away(Call& call, Job& job);

// Batches (batches.cpp). What a verb changes about them is settled at its end, by `settle_batches`.
[[nodiscard]] bool takes_members(const Job* job);
void become_batch(Call& call, Job& job, const NewJob& description);
void join_batch(Call& call, Job& job, JobId id);
// Keeps the numbers of the job's batch, after a change of its state.
void count_as_member(Call& call, Job& job);
void note_deleted_batch(Call& call, const Job& job);
// A member that is going to be removed counts as ended.
void leave_batch(Call& call, Job& job);
// Of a job that is being removed.
void forget_membership(Call& call, const Job& job);
// Concludes, reopens and sweeps batches as their members demand.
void settle_batches(Call& call);
// Moves members of deleted batches to Deleted; looks at no more than `max`.
std::size_t sweep_batches(Call& call, std::size_t max);

// Limits (limits.cpp). What a verb changes about them is settled at its end, by `settle_limits`.
// The state that the job enters in the place of the one given, if it is not its turn.
std::optional<State> stand_in_line(Call& call, Job& job, const State& state);
// Of a job that is going to be removed.
void forget_limit(Call& call, const Job& job);
// Lets those go whose turn it is.
void settle_limits(Call& call);

// Removes a job that no longer has continuations, with all that belongs to it.
void remove_job(Call& call, Job& job);

// Clears the note that a former holder is still stopping the job, if it is about that epoch.
void clear_stopping(Data& data, Job& job, std::uint64_t epoch);

// Takes the unit in progress back.
void take_back(Call& call);

// What running the held job takes.
[[nodiscard]] Execution execution_of(const Job& job);
[[nodiscard]] ExecutionRef ref_of(const Job& job);

// A later instant, or the end of time.
[[nodiscard]] TimePoint later(TimePoint instant, Duration span);

}  // namespace portfire::memory
