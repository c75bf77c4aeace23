#include "storage/postgresql/committer.hpp"

#include <algorithm>

#include "storage/common/requests.hpp"
#include "storage/postgresql/commit_group.hpp"
#include "storage/postgresql/errors.hpp"

namespace portfire::postgresql {

namespace {

// More make a transaction longer, not cheaper.
constexpr std::size_t most_units = 2000;

}  // namespace

Committer::Committer(Pool& pool, Claims& claims)
    : Combiner{pool.settings().runtime()}, pool_{pool}, claims_{claims} {}

std::vector<CommitResult> Committer::commit(std::span<const Unit> units) {
  std::vector<CommitResult> results(units.size());
  for (std::size_t done = 0; done < units.size();) {
    const std::size_t count = std::min(most_units, units.size() - done);
    UnitsCall call{units.subspan(done, count), std::span{results}.subspan(done, count)};
    submit(call);
    if (call.error && done > 0) throw_partly_done(call.error);
    if (call.error) std::rethrow_exception(call.error);
    done += count;
  }
  return results;
}

void Committer::lead() {
  const std::vector<Call*> calls = take(most_units);
  if (calls.empty()) return;
  perform_together(calls);
  finish(calls);
}

void Committer::perform_together(std::span<Call* const> calls) {
  try {
    return perform(calls, Sent::perhaps);
  } catch (const DatabaseError& error) {
    // What ails the connection or the server ails each of them.
    const bool ails_all = error.cure() == Cure::reconnect || error.cure() == Cure::wait;
    if (calls.size() == 1 || ails_all) {
      for (Call* call : calls) units_call(call).error = std::current_exception();
      return;
    }
  } catch (...) {
    if (calls.size() == 1) {
      units_call(calls.front()).error = std::current_exception();
      return;
    }
  }
  // Somebody's units spoilt the transaction of all; alone they can spoil only their own.
  for (Call* const& call : calls) {
    try {
      perform({&call, 1}, Sent::before);
    } catch (...) {
      units_call(call).error = std::current_exception();
    }
  }
}

void Committer::perform(std::span<Call* const> calls, Sent sent) {
  CommitGroup group{claims_, sent};
  for (Call* call : calls) group.add(units_call(call).units, units_call(call).results);
  pool_.with("commit", [&](Connection& connection) { group.run(connection); });
}

}  // namespace portfire::postgresql
