#include "storage/common/topic_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portfire {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Topics = TopicList::Topics;

class TopicListTest : public ::testing::Test {
 protected:
  TopicListTest() { list_.add_subscriber(mail_); }

  void list_mail() {
    list_.begin_wait(mail_);
    list_.take_changes();
  }
  // Notifications until one changes the list; 0 when none does.
  int heard_until_withdrawn() {
    for (int count = 1; count <= 100; ++count) {
      if (list_.hear("mail")) return count;
    }
    return 0;
  }

  const Topics mail_{"mail"};
  TopicList list_;
};

TEST_F(TopicListTest, AnInterestAloneChangesNothing) {
  const TopicList::Changes changes = list_.take_changes();
  EXPECT_THAT(changes.listed, IsEmpty());
  EXPECT_THAT(changes.withdrawn, IsEmpty());
}

TEST_F(TopicListTest, AWaitListsItsTopicsOnce) {
  EXPECT_TRUE(list_.begin_wait(mail_));
  EXPECT_THAT(list_.take_changes().listed, ElementsAre("mail"));
  list_.end_wait(mail_);
  EXPECT_FALSE(list_.begin_wait(mail_));
  EXPECT_THAT(list_.take_changes().listed, IsEmpty());
}

TEST_F(TopicListTest, ATopicStaysListedAsLongAsSomebodyWaits) {
  list_mail();
  EXPECT_EQ(heard_until_withdrawn(), 0);
}

TEST_F(TopicListTest, ATopicIsWithdrawnAfterNotificationsThatNobodyWaitedFor) {
  list_mail();
  list_.end_wait(mail_);
  EXPECT_GT(heard_until_withdrawn(), 1);
  EXPECT_THAT(list_.take_changes().withdrawn, ElementsAre("mail"));
  EXPECT_FALSE(list_.hear("mail"));
}

TEST_F(TopicListTest, WhoComesBackInTimeKeepsItListed) {
  list_mail();
  for (int round = 0; round < 20; ++round) {
    list_.end_wait(mail_);
    EXPECT_FALSE(list_.hear("mail"));
    EXPECT_FALSE(list_.begin_wait(mail_));
  }
}

TEST_F(TopicListTest, AWaitAfterTheWithdrawalListsItAgain) {
  list_mail();
  list_.end_wait(mail_);
  heard_until_withdrawn();
  EXPECT_TRUE(list_.begin_wait(mail_));
  const TopicList::Changes changes = list_.take_changes();
  EXPECT_THAT(changes.listed, ElementsAre("mail"));
  EXPECT_THAT(changes.withdrawn, IsEmpty());
}

TEST_F(TopicListTest, TheLastSubscriberTakesItsTopicsAlong) {
  list_.add_subscriber(mail_);
  list_mail();
  list_.end_wait(mail_);
  list_.remove_subscriber(mail_);
  EXPECT_THAT(list_.take_changes().withdrawn, IsEmpty());
  EXPECT_TRUE(list_.remove_subscriber(mail_));
  EXPECT_THAT(list_.take_changes().withdrawn, ElementsAre("mail"));
}

TEST_F(TopicListTest, ASubscriberThatGoesBeforeItIsListedIsNotListed) {
  list_.begin_wait(mail_);
  list_.end_wait(mail_);
  list_.remove_subscriber(mail_);
  EXPECT_THAT(list_.take_changes().listed, IsEmpty());
}

TEST_F(TopicListTest, AfterANewBeginningEverythingIsListedAnew) {
  list_mail();
  list_.end_wait(mail_);
  list_.reset();
  EXPECT_FALSE(list_.hear("mail"));
  EXPECT_TRUE(list_.begin_wait(mail_));
  EXPECT_THAT(list_.take_changes().listed, ElementsAre("mail"));
}

TEST_F(TopicListTest, NotificationsForOthersChangeNothing) {
  list_mail();
  for (int count = 0; count < 100; ++count) EXPECT_FALSE(list_.hear("others"));
}

}  // namespace
}  // namespace portfire
