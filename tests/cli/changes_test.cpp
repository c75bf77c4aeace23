// `portfire jobs requeue`, `move`, `delete` and `reschedule`.

#include "cli/program.hpp"

namespace portfire::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class JobsChange : public StorageTest {};

TEST_F(JobsChange, DeletesAndRequeues) {
  const std::string a = enqueue({"work"});
  const std::string b = enqueue({"work"});
  const Finished deleted = run({"jobs", "delete", a, b, "--reason", "sent twice"});
  EXPECT_EQ(deleted.code, 0) << deleted.err;
  EXPECT_EQ(deleted.out, a + "  Deleted\n" + b + "  Deleted\n");
  EXPECT_EQ(shown(a)["state"], "Deleted");
  EXPECT_EQ(shown(b)["reason"], "sent twice");

  const auto requeued = json_of({"jobs", "requeue", a});
  EXPECT_EQ(requeued["jobs"][0]["status"], "changed");
  EXPECT_EQ(requeued["jobs"][0]["state"], "Enqueued");
  EXPECT_EQ(shown(a)["state"], "Enqueued");
}

TEST_F(JobsChange, RequeuesAFailedJob) {
  const std::string id = enqueue({"fail"});
  let_run(id);
  EXPECT_EQ(shown(id)["state"], "Failed");
  EXPECT_EQ(run({"jobs", "requeue", id, "--from", "Failed"}).code, 0);
  EXPECT_EQ(shown(id)["state"], "Enqueued");
}

TEST_F(JobsChange, IsGuardedByTheState) {
  const std::string id = enqueue({"work"});
  const Finished finished = run({"jobs", "delete", id, "--from", "Failed"});
  EXPECT_EQ(finished.code, 1);
  EXPECT_THAT(finished.err, HasSubstr("is Enqueued, not Failed"));
  const auto answer = json_of({"jobs", "delete", id, "--from", "Failed"}, 1);
  EXPECT_EQ(answer["jobs"][0]["status"], "state_mismatch");
  EXPECT_EQ(answer["jobs"][0]["state"], "Enqueued");
}

TEST_F(JobsChange, DoesWhatItCanWhenAJobIsMissing) {
  const std::string id = enqueue({"work"});
  const auto answer = json_of({"jobs", "delete", unknown_id, id}, 4);
  EXPECT_EQ(answer["jobs"][0]["status"], "not_found");
  EXPECT_EQ(answer["jobs"][0]["state"], nullptr);
  EXPECT_EQ(answer["jobs"][1]["status"], "changed");
  EXPECT_EQ(shown(id)["state"], "Deleted");
}

TEST_F(JobsChange, ReschedulesByDelayAndByInstant) {
  const std::string id = enqueue({"work"});
  EXPECT_EQ(run({"jobs", "reschedule", id, "--at", "2099-01-01T00:00:00Z"}).code, 0);
  EXPECT_EQ(shown(id)["due_at"], "2099-01-01T00:00:00.000000Z");
  EXPECT_EQ(run({"jobs", "reschedule", id, "--delay", "1h"}).code, 0);
  EXPECT_EQ(shown(id)["state"], "Scheduled");
  EXPECT_LT(shown(id)["due_at"], "2099");
}

TEST_F(JobsChange, MovesToAnotherQueue) {
  const std::string id = enqueue({"work"});
  const std::string over = enqueue({"work"});
  EXPECT_EQ(run({"jobs", "delete", over}).code, 0);
  const Finished moved = run({"jobs", "move", id, "--queue", "slow"});
  EXPECT_EQ(moved.code, 0) << moved.err;
  EXPECT_EQ(moved.out, id + "  Enqueued\n");
  EXPECT_EQ(shown(id)["queue"], "slow");
  const Finished refused = run({"jobs", "move", over, "--queue", "slow"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("is Deleted; it was left alone"));
  EXPECT_EQ(json_of({"jobs", "move", over, "--queue", "slow"}, 1)["jobs"][0]["status"],
            "state_mismatch");
  EXPECT_EQ(run({"jobs", "move", id}).code, 2);
}

TEST_F(JobsChange, ExplainsWrongValues) {
  EXPECT_EQ(run({"jobs", "delete"}).code, 2);
  const Finished id = run({"jobs", "delete", "abc"});
  EXPECT_EQ(id.code, 2);
  EXPECT_THAT(id.err, AllOf(HasSubstr("ID is \"abc\""), HasSubstr("portfire jobs list")));
  const Finished when = run({"jobs", "reschedule", unknown_id});
  EXPECT_EQ(when.code, 2);
  EXPECT_THAT(when.err, AllOf(HasSubstr("--delay"), HasSubstr("--at")));
}

}  // namespace
}  // namespace portfire::cli
