// What remains to be seen of the steps of a job's life.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::ending;
using testing::moving;

void keep_histories() {}

using Names = std::vector<std::string>;

TEST_P(Histories, EachStateEnteredIsOneEntry) {
  const JobId id = create(job());
  finish(claim_one(), states::scheduled(1h, "retry"));
  advance(1h);
  promote();
  finish(claim_one());
  EXPECT_EQ(history_of(id),
            (Names{"Enqueued", "Processing", "Scheduled", "Enqueued", "Processing", "Succeeded"}));
}

TEST_P(Histories, AnEntryTellsAllAboutItsState) {
  const JobId id = create(job());
  advance(1h);
  move(id, states::failed("broken", R"({"type":"Oops"})"));
  const JobDetails stored = details(id);
  ASSERT_EQ(stored.history.size(), 2U);
  EXPECT_EQ(stored.history[0].at, stored.created_at);
  EXPECT_EQ(stored.history[0].kind, StateKind::ready);
  EXPECT_EQ(stored.history[1].at, stored.since);
  EXPECT_EQ(stored.history[1].kind, StateKind::parked);
  EXPECT_EQ(stored.history[1].reason, "broken");
  EXPECT_EQ(stored.history[1].data, R"({"type":"Oops"})");
  EXPECT_FALSE(stored.history[1].elected_away);
  EXPECT_FALSE(stored.history[1].server);
}

TEST_P(Histories, AClaimIsAnEntryWithItsServer) {
  const JobId id = create(job());
  const Execution execution = claim_one();
  finish(execution);
  const HistoryEntry claimed = details(id).history.at(1);
  EXPECT_EQ(claimed.state, "Processing");
  EXPECT_EQ(claimed.kind, StateKind::running);
  EXPECT_EQ(claimed.at, execution.claimed_at);
  EXPECT_EQ(claimed.server, server().id());
}

TEST_P(Histories, EnteringTheSameStateAgainIsAnotherEntry) {
  const JobId id = create(job());
  move(id, states::enqueued("once more"));
  EXPECT_EQ(history_of(id), (Names{"Enqueued", "Enqueued"}));
}

TEST_P(Histories, CandidatesElectedAwayStandBeforeTheStateThatReplacedThem) {
  const JobId id = create(job());
  apply(ending(claim_one(), states::scheduled(1min, "retry"))
            .instead_of(states::failed("broken", R"({"a":1})"))
            .instead_of(custom_state("Maybe", StateKind::parked)));
  EXPECT_EQ(history_of(id), (Names{"Enqueued", "Processing", "(Failed)", "(Maybe)", "Scheduled"}));
  const JobDetails stored = details(id);
  EXPECT_EQ(stored.history[2].at, stored.since);
  EXPECT_EQ(stored.history[2].kind, StateKind::parked);
  EXPECT_EQ(stored.history[2].reason, "broken");
  EXPECT_EQ(stored.history[2].data, R"({"a":1})");
  EXPECT_EQ(stored.history[3].at, stored.since);
}

TEST_P(Histories, CandidatesElectedAwayAtCreationComeFirst) {
  const JobId id = create(job().scheduled(1h).instead_of(states::enqueued("too soon")));
  EXPECT_EQ(history_of(id), (Names{"(Enqueued)", "Scheduled"}));
  EXPECT_EQ(details(id).history[0].at, details(id).created_at);
}

TEST_P(Histories, ACandidateElectedAwayHasNoEffect) {
  const JobId parent = create(job());
  const JobId child = create(job().after(parent));
  apply(moving(parent, states::scheduled(1h)).instead_of(states::succeeded()));
  EXPECT_EQ(state_of(child), "Awaiting");
  EXPECT_EQ(lifetime_count("Succeeded"), 0U);
}

TEST_P(Histories, AJobTakenFromItsHolderKeepsTheClaim) {
  const JobId id = create(job());
  claim_one();
  move(id, states::deleted("by hand"));
  EXPECT_EQ(history_of(id), (Names{"Enqueued", "Processing", "Deleted"}));
}

TEST_P(Histories, AClaimThatWasUndoneAfterARetryLeavesTheRetry) {
  const JobId id = create(job());
  finish(claim_one(), states::enqueued("retry"));
  const JobDetails before = details(id);
  release(claim_one(), ReleaseReason::unstarted);
  EXPECT_EQ(history_of(id), (Names{"Enqueued", "Processing", "Enqueued"}));
  EXPECT_EQ(details(id).reason, "retry");
  EXPECT_EQ(details(id).since, before.since);
}

TEST_P(Histories, AClaimThatWasUndoneLeavesEarlierClaims) {
  const JobId id = create(job());
  release(claim_one(), ReleaseReason::shutdown);
  release(claim_one(), ReleaseReason::no_handler);
  EXPECT_EQ(history_of(id), (Names{"Enqueued", "Processing", "Enqueued"}));
}

TEST_P(Histories, LongLivesAreToldInFull) {
  const JobId id = create(job());
  for (int run = 0; run < 50; ++run) finish(claim_one(), states::enqueued());
  const JobDetails stored = details(id);
  ASSERT_EQ(stored.history.size(), 101U);
  for (std::size_t at = 1; at < stored.history.size(); ++at) {
    EXPECT_LE(stored.history[at - 1].at, stored.history[at].at);
    EXPECT_EQ(stored.history[at].state, at % 2 == 1 ? "Processing" : "Enqueued");
  }
}

TEST_P(Histories, ParametersAndReportsAreNoSteps) {
  const JobId id = create(job());
  const Execution execution = claim_one();
  jobs().set_parameters(id, {{"a", "1"}});
  jobs().report(std::vector{Report{.execution = execution.ref, .progress = 0.5}});
  EXPECT_EQ(history_of(id), (Names{"Enqueued", "Processing"}));
}

}  // namespace portfire::conformance
