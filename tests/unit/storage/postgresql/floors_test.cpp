// Lanes whose first index entries are dead: claims begin at a floor and still miss nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "unit/storage/postgresql/one_server.hpp"

namespace portfire::postgresql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::UnitBuilder;

// The lane has a floor from the beginning. It is raised at the first opportunity, and so again
// after each `lower`.
class PostgresqlFloors : public OneServer {
 protected:
  PostgresqlFloors() {
    installation_.execute("INSERT INTO :schema.lane_floor VALUES (1, now(), 0, '{}')");
  }

  JobId create(int priority = 0) { return OneServer::create(job().priority(priority)); }
  std::vector<JobId> claimed(std::size_t max = 10) {
    std::vector<JobId> ids;
    for (const Execution& execution : claim(max)) ids.push_back(execution.ref.job);
    return ids;
  }
  void give_back(const Execution& execution) {
    const Released released{execution.ref, ReleaseReason::unstarted};
    EXPECT_EQ(jobs().release({&released, 1}).released, 1U);
  }

  void lower() {
    installation_.execute("UPDATE :schema.lane_floor SET position = 0, places = '{}'");
  }
  // Whether no job that has been created is above it in any priority.
  bool is_above_all() {
    return installation_.execute(
               "SELECT f.position > s.last_value AND places = '{}' FROM "
               ":schema.lane_floor f, :schema.position s") == "t";
  }
  std::string notes() { return count("returned"); }
};

TEST_F(PostgresqlFloors, AreRaisedAboveWhatIsTaken) {
  const JobId job = create();
  EXPECT_FALSE(is_above_all());
  EXPECT_THAT(claimed(), ElementsAre(job));
  EXPECT_TRUE(is_above_all());
  EXPECT_THAT(claimed(), IsEmpty());
  const JobId next = create();
  EXPECT_THAT(claimed(), ElementsAre(next));
}

TEST_F(PostgresqlFloors, AreRaisedWhileAnIdleTransactionIsOpen) {
  const Blocker old = somebody("SELECT pg_current_xact_id()");
  create();
  EXPECT_THAT(claimed(), SizeIs(1));
  EXPECT_TRUE(is_above_all());
}

TEST_F(PostgresqlFloors, LeaveTheOrderAsItIs) {
  create();
  claim();
  ASSERT_TRUE(is_above_all());
  const JobId low = create(-100);
  const JobId first = create();
  const JobId second = create();
  const JobId high = create(100);
  EXPECT_THAT(claimed(3), ElementsAre(high, first, second));
  EXPECT_THAT(claimed(3), ElementsAre(low));
}

TEST_F(PostgresqlFloors, StayBelowWhatWaitsInLowerPriorities) {
  const JobId low = create(-1);
  const JobId high = create(1);
  EXPECT_THAT(claimed(1), ElementsAre(high));
  EXPECT_FALSE(is_above_all());
  const JobId next = create(1);
  lower();
  EXPECT_THAT(claimed(1), ElementsAre(next));
  EXPECT_THAT(claimed(1), ElementsAre(low));
}

TEST_F(PostgresqlFloors, StayBelowWhatIsCommittedLate) {
  Blocker late = somebody("SELECT enqueue('work')");
  const JobId early = create();
  EXPECT_THAT(claimed(), ElementsAre(early));
  EXPECT_THAT(claimed(), IsEmpty());
  EXPECT_FALSE(is_above_all());
  late.commit();
  const JobId next = create();
  const std::vector<JobId> rest = claimed();
  ASSERT_THAT(rest, SizeIs(2));
  EXPECT_EQ(rest[1], next);
  lower();
  EXPECT_THAT(claimed(), IsEmpty());
  EXPECT_TRUE(is_above_all());
}

TEST_F(PostgresqlFloors, AreRaisedWhenWhoeverWasThereHasEnded) {
  const std::string floor = "SELECT position FROM :schema.lane_floor";
  std::string above;
  create();
  {
    const Blocker first = somebody("SELECT enqueue('work')");
    above = installation_.execute("SELECT last_value + 1 FROM :schema.position");
    EXPECT_THAT(claimed(), SizeIs(1));
    EXPECT_EQ(installation_.execute(floor), "0");
  }
  // It came later, and will not put a job below that position.
  const Blocker second = somebody("SELECT enqueue('work')");
  EXPECT_THAT(claimed(), IsEmpty());
  EXPECT_EQ(installation_.execute(floor), above);
}

TEST_F(PostgresqlFloors, StayBelowWhatOthersMayLetGoOf) {
  const JobId first = create();
  const JobId second = create();
  {
    const Blocker taker =
        somebody("SELECT FROM ready WHERE job = '" + to_string(first) + "' FOR UPDATE");
    EXPECT_THAT(claimed(), ElementsAre(second));
    EXPECT_THAT(claimed(), IsEmpty());
  }
  EXPECT_THAT(claimed(), ElementsAre(first));
}

TEST_F(PostgresqlFloors, AJobGivenBackBelowIsTakenFirst) {
  create();
  create();
  const std::vector<Execution> taken = claim();
  ASSERT_THAT(taken, SizeIs(2));
  ASSERT_TRUE(is_above_all());
  const JobId next = create();
  give_back(taken[1]);
  EXPECT_EQ(notes(), "1");
  EXPECT_THAT(claimed(1), ElementsAre(taken[1].ref.job));
  EXPECT_EQ(notes(), "0");
  EXPECT_THAT(claimed(), ElementsAre(next));
}

TEST_F(PostgresqlFloors, OneGivenBackAboveCountsOnce) {
  const Blocker old = somebody("SELECT enqueue('work')");
  create();
  create();
  const std::vector<Execution> taken = claim(1);
  ASSERT_THAT(taken, SizeIs(1));
  give_back(taken[0]);
  EXPECT_EQ(notes(), "1");
  EXPECT_THAT(claimed(2), SizeIs(2));
  EXPECT_EQ(notes(), "0");
}

TEST_F(PostgresqlFloors, ManyGivenBackAreTakenByAndBy) {
  for (int i = 0; i < 3; ++i) create();
  std::vector<JobId> given_back;
  for (const Execution& execution : claim()) {
    given_back.insert(given_back.begin(), execution.ref.job);
    give_back(execution);
  }
  const JobId high = create(1);
  EXPECT_THAT(claimed(2), ElementsAre(high, given_back[2]));
  EXPECT_THAT(claimed(1), ElementsAre(given_back[1]));
  EXPECT_THAT(claimed(), ElementsAre(given_back[0]));
}

TEST_F(PostgresqlFloors, AreForgottenWhenTheDeadHaveGone) {
  create();
  const std::vector<Execution> taken = claim();
  jobs().expire(10);
  EXPECT_EQ(count("lane_floor"), "1");
  offset_->advance(std::chrono::minutes{2});
  jobs().expire(10);
  EXPECT_EQ(count("lane_floor"), "0");
  give_back(taken[0]);
  EXPECT_EQ(notes(), "0");
  EXPECT_THAT(claimed(), ElementsAre(taken[0].ref.job));
}

TEST_F(PostgresqlFloors, AreGivenToLanesThatAreSlow) {
  constexpr std::size_t many = 500;
  installation_.execute(
      "DELETE FROM :schema.lane_floor;"
      "CREATE FUNCTION :schema.dawdle() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
      " PERFORM pg_sleep(0.06); RETURN NULL; END$$;"
      "CREATE TRIGGER dawdles BEFORE DELETE ON :schema.ready FOR EACH STATEMENT"
      " EXECUTE FUNCTION :schema.dawdle()");
  UnitBuilder all = unit();
  for (std::size_t i = 0; i < many; ++i) all.create(job());
  ASSERT_EQ(commit(all).status, CommitStatus::applied);
  EXPECT_THAT(claimed(many), SizeIs(many));
  EXPECT_EQ(count("lane_floor"), "0");
  JobId next = create();
  EXPECT_THAT(claimed(), ElementsAre(next));
  EXPECT_EQ(installation_.execute("SELECT lane FROM :schema.lane_floor"), "1");
  next = create();
  EXPECT_THAT(claimed(), ElementsAre(next));
  EXPECT_TRUE(is_above_all());
}

}  // namespace
}  // namespace portfire::postgresql
