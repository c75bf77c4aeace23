#include "storage/postgresql/listener.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "unit/storage/postgresql/installation.hpp"

namespace portfire::postgresql {
namespace {

using namespace std::chrono_literals;

// Long enough for any machine: a test that reaches it fails.
constexpr auto patience = 20s;

bool hears(Subscription& subscription) {
  return subscription.wait_until(thread_runtime()->steady_now() + patience, {});
}

void drain(Subscription& subscription) {
  while (subscription.wait_until(thread_runtime()->steady_now(), {})) {
  }
}

// A listener without repetitions, so that a wake-up is a notification or a change of the list.
class ListenerTest : public ::testing::Test {
 protected:
  ListenerTest() { listener_.emplace(settings_, hub_, Repetitions{}); }

  std::string listed() {
    return installation_.execute("SELECT count(*) FROM :schema.waiting WHERE topic = 'mail'");
  }
  std::string process() {
    return installation_.execute("SELECT max(process) FROM :schema.waiting WHERE topic = 'mail'");
  }
  void tell() { installation_.execute("SELECT :schema.tell(ARRAY['mail'])"); }

  void wait_until_listed() {
    listener_->begin_wait(mail_);
    while (listed() != "1") {
      ASSERT_TRUE(hears(*subscription_));
      listener_->end_wait(mail_);
      listener_->begin_wait(mail_);
    }
    pass();
    drain(*subscription_);
  }

  // Returns when the listener has done all that it was given before. Nobody is listed for this
  // topic: the only wake-ups are those that are sent here.
  void pass() {
    drain(*barrier_);
    for (int round = 0; round < 2; ++round) {
      installation_.execute("SELECT pg_notify('portfire.:schema', 'barrier')");
      ASSERT_TRUE(hears(*barrier_));
    }
  }

  const std::vector<std::string> mail_{"mail"};
  Installation installation_;
  const std::shared_ptr<Storage> storage_ = installation_.open();
  const Settings settings_{Installation::url(), installation_.options()};
  WakeupHub hub_{thread_runtime()};
  const std::unique_ptr<Subscription> subscription_ = hub_.subscribe(mail_);
  const std::unique_ptr<Subscription> barrier_ = hub_.subscribe({"barrier"});
  std::optional<Listener> listener_;
};

class ListenerWithSubscriberTest : public ListenerTest {
 protected:
  ListenerWithSubscriberTest() {
    listener_->add_subscriber(mail_);
    wait_until_listed();
  }
};

TEST_F(ListenerWithSubscriberTest, WhatTheDatabaseTellsIsPassedOn) {
  tell();
  EXPECT_TRUE(hears(*subscription_));
}

TEST_F(ListenerWithSubscriberTest, ATopicIsWithdrawnWhenNobodyWaitsForIt) {
  listener_->end_wait(mail_);
  for (int count = 0; count < 10; ++count) tell();
  pass();
  EXPECT_EQ(listed(), "0");
}

TEST_F(ListenerWithSubscriberTest, ATopicStaysListedWhileSomebodyWaits) {
  for (int count = 0; count < 10; ++count) tell();
  pass();
  EXPECT_EQ(listed(), "1");
}

TEST_F(ListenerWithSubscriberTest, ATopicGoesWithItsLastSubscriber) {
  listener_->end_wait(mail_);
  listener_->remove_subscriber(mail_);
  pass();
  EXPECT_EQ(listed(), "0");
}

TEST_F(ListenerWithSubscriberTest, AConnectionThatIsTerminatedIsReplaced) {
  const std::string before = process();
  installation_.execute("SELECT pg_terminate_backend(" + before + ")");
  ASSERT_TRUE(hears(*subscription_)) << "who waits is not told to look by himself";
  listener_->end_wait(mail_);
  installation_.execute("DELETE FROM :schema.waiting WHERE process = " + before);
  wait_until_listed();
  EXPECT_NE(process(), before);
  tell();
  EXPECT_TRUE(hears(*subscription_));
}

TEST_F(ListenerWithSubscriberTest, AServerThatIsStartedAnewIsListenedToAgain) {
  Installation::server().stop();
  ASSERT_TRUE(hears(*subscription_));
  listener_->end_wait(mail_);
  EXPECT_FALSE(listener_->is_listening());
  Installation::server().start();
  installation_.execute("DELETE FROM :schema.waiting");
  wait_until_listed();
  EXPECT_TRUE(listener_->is_listening());
  tell();
  EXPECT_TRUE(hears(*subscription_));
}

TEST_F(ListenerWithSubscriberTest, ItEndsWhileTheServerHangs) {
  Installation::server().freeze();
  listener_->remove_subscriber(mail_);
  listener_.reset();
  Installation::server().thaw();
  SUCCEED();
}

TEST_F(ListenerTest, WhoIsGoneIsForgotten) {
  listener_.reset();
  installation_.execute("INSERT INTO :schema.waiting VALUES ('mail', 1)");
  EXPECT_EQ(listed(), "1");
  listener_.emplace(settings_, hub_, Repetitions{});
  const std::unique_ptr<Subscription> other = hub_.subscribe({"other"});
  listener_->add_subscriber({"other"});
  listener_->begin_wait({"other"});
  while (installation_.execute("SELECT count(*) FROM :schema.waiting WHERE topic = 'other'") !=
         "1") {
    ASSERT_TRUE(hears(*other));
    listener_->end_wait({"other"});
    listener_->begin_wait({"other"});
  }
  EXPECT_EQ(listed(), "0");
}

}  // namespace
}  // namespace portfire::postgresql
