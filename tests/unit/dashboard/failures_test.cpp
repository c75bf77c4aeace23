#include "dashboard/failures.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portfire::dashboard {
namespace {

struct Case {
  const char* message;
  const char* signature;
};

class Signature : public ::testing::TestWithParam<Case> {};

TEST_P(Signature, LeavesOutWhatDiffers) {
  EXPECT_EQ(failure_signature(GetParam().message), GetParam().signature);
}

INSTANTIATE_TEST_SUITE_P(
    Messages, Signature,
    ::testing::Values(Case{"connect: timed out after 30s", "connect: timed out after #"},
                      Case{"no such file \"/tmp/a b.txt\"", "no such file \"…\""},
                      Case{"user 'ann' is gone", "user '…' is gone"},
                      Case{"it didn't work, isn't it", "it didn't work, isn't it"},
                      Case{"order 01930f3c-8e4b-7c21-9a55-0123456789ab failed", "order # failed"},
                      Case{"at 0x7ffd12 in sha256", "at # in sha256"},
                      Case{"token 4f3c2a1b9d8e7f60 expired", "token # expired"},
                      Case{"token f3c2a1b9d8e7f604 expired", "token # expired"}, Case{"", ""},
                      Case{"an open \" quote", "an open \" quote"}, Case{"HTTP 503", "HTTP #"},
                      Case{"größer als 10 €", "größer als # €"}));

void add(FailureGroups& groups, const char* name, const char* reason, TimePoint since) {
  JobSummary job;
  job.name = name;
  job.since = since;
  add_failure(groups, job, reason);
}

TEST(Failures, AreGroupedByNameAndSignature) {
  const TimePoint start{std::chrono::hours{1000}};
  FailureGroups groups;
  add(groups, "mail", "timed out after 3 s", start + std::chrono::hours{2});
  add(groups, "mail", "timed out after 5 s", start);
  add(groups, "mail", "refused", start);
  add(groups, "import", "timed out after 3 s", start);
  EXPECT_EQ(groups.size(), 3U);
  const auto& group = groups.at(failure_key("mail", "timed out after 8 s"));
  EXPECT_EQ(group.count, 2U);
  EXPECT_EQ(group.first, start);
  EXPECT_EQ(group.last, start + std::chrono::hours{2});
  EXPECT_EQ(group.by_hour.size(), 2U);
  EXPECT_EQ(group.sample, "timed out after 3 s");
}

TEST(Failures, HaveAKeyThatNeverChanges) {
  // It stands in addresses that people keep.
  EXPECT_EQ(failure_key("mail.send", "timed out after 3 s"), "98ab31b7e3b43d32");
}

}  // namespace
}  // namespace portfire::dashboard
