// Names derive from functions: the same text from every compiler, for it is what is stored.

#include <portfire/enqueuer.hpp>
#include <portfire/handlers.hpp>

#include <gtest/gtest.h>

void plain_job(int) {}

namespace mail {
void send(const std::string&) {}
inline namespace version_1 {
void versioned() {}
}  // namespace version_1
namespace inner {
struct Mailer {
  void send(std::string) {}
  [[nodiscard]] int count() const noexcept { return 1; }
  static void sweep() {}
};
}  // namespace inner
void renamed() {}
}  // namespace mail

template <>
inline constexpr portfire::JobOptions portfire::job_options<&mail::renamed>{
    .name = "mail.v2", .queue = "mail", .attempts = 3, .aliases = {"mail::renamed", "mail.v1"}};

namespace portfire {
namespace {

TEST(JobNames, AreTheQualifiedNamesOfFunctions) {
  EXPECT_EQ(job<&plain_job>.name, "plain_job");
  EXPECT_EQ(job<plain_job>.name, "plain_job");
  EXPECT_EQ(job<&mail::send>.name, "mail::send");
  EXPECT_EQ(job<&mail::inner::Mailer::send>.name, "mail::inner::Mailer::send");
  EXPECT_EQ(job<&mail::inner::Mailer::count>.name, "mail::inner::Mailer::count");
  EXPECT_EQ(job<&mail::inner::Mailer::sweep>.name, "mail::inner::Mailer::sweep");
}

TEST(JobNames, AGivenNameReplacesTheDerivedOneAndAliasesAreServed) {
  EXPECT_EQ(job<&mail::renamed>.name, "mail.v2");
  EXPECT_EQ(job<&mail::renamed>.options.queue, "mail");
  Handlers handlers;
  handlers.add<&mail::renamed>();
  EXPECT_EQ(handlers.names(), (std::vector<std::string>{"mail.v1", "mail.v2", "mail::renamed"}));
  EXPECT_EQ(handlers.find("mail.v1"), handlers.find("mail.v2"));
  EXPECT_EQ(handlers.find("mail.v2")->attempts, 3);
}

TEST(JobNames, ASecondHandlerUnderOneNameIsRefused) {
  Handlers handlers;
  handlers.add<&plain_job>().add<&mail::renamed>();
  EXPECT_THROW(handlers.add<&plain_job>(), UsageError);
  EXPECT_THROW(handlers.on("mail.v1", [] {}), UsageError) << "aliases are names, too";
  EXPECT_THROW(handlers.on("", [] {}), UsageError);
  EXPECT_THROW(handlers.on("line\nbreak", [] {}), UsageError);
  EXPECT_THROW(handlers.on("x", [] {}, {.attempts = -1}), UsageError);
  EXPECT_THROW(handlers.on("x", [] {}, {.timeout = Duration{-1}}), UsageError);
  EXPECT_EQ(handlers.find("x"), nullptr);
}

}  // namespace
}  // namespace portfire
