// `portfire enqueue`.

#include "cli/program.hpp"

namespace portfire::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Enqueue : public StorageTest {
 protected:
  void expect_usage_error(const Arguments& arguments, const std::string& text) const {
    const Finished finished = run(arguments);
    EXPECT_EQ(finished.code, 2);
    EXPECT_EQ(finished.out, "");
    EXPECT_THAT(finished.err, AllOf(::testing::StartsWith("portfire: "), HasSubstr(text)));
  }
};

TEST_F(Enqueue, PrintsTheIdAndNothingElse) {
  const Finished finished = run({"enqueue", "work", R"(["ann", 7])"});
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_EQ(finished.out.size(), 37U);
  const auto job = shown(finished.out.substr(0, 36));
  EXPECT_EQ(job["name"], "work");
  EXPECT_EQ(job["state"], "Enqueued");
  EXPECT_EQ(job["queue"], "default");
  EXPECT_EQ(job["arguments"], (nlohmann::json{"ann", 7}));
}

TEST_F(Enqueue, AnswersInJson) {
  const auto answer = json_of({"enqueue", "work"});
  EXPECT_EQ(answer["status"], "created");
  EXPECT_EQ(answer["holder"], nullptr);
  EXPECT_EQ(answer["reason"], "");
  EXPECT_EQ(shown(answer["id"])["arguments"], nlohmann::json::array());
}

TEST_F(Enqueue, TakesOptions) {
  const auto job = shown(enqueue({"work", "[]", "--queue", "mail", "--priority", "-5", "--param",
                                  "tenant=42", "--param", R"(name="a,b")", "--attempts", "3"}));
  EXPECT_EQ(job["queue"], "mail");
  EXPECT_EQ(job["priority"], -5);
  EXPECT_EQ(job["parameters"]["tenant"], 42);
  EXPECT_EQ(job["parameters"]["name"], "a,b");
  EXPECT_EQ(job["parameters"]["portfire.attempts"], 3);
}

TEST_F(Enqueue, ReadsArgumentsFromStandardInput) {
  const Finished finished = run({"enqueue", "work", "-"}, "[[1, 2],\n {\"a\": null}]\n");
  ASSERT_EQ(finished.code, 0) << finished.err;
  const auto job = shown(finished.out.substr(0, 36));
  EXPECT_EQ(job["arguments"], nlohmann::json::parse(R"([[1, 2], {"a": null}])"));
}

TEST_F(Enqueue, SchedulesByDelayAndByInstant) {
  const auto later = shown(enqueue({"work", "--delay", "10m"}));
  EXPECT_EQ(later["state"], "Scheduled");
  EXPECT_GT(later["due_at"], later["created_at"]);
  const auto at = shown(enqueue({"work", "--at", "2099-01-02T03:04:05+01:00"}));
  EXPECT_EQ(at["due_at"], "2099-01-02T02:04:05.000000Z");
}

TEST_F(Enqueue, ContinuesOtherJobs) {
  const std::string a = enqueue({"work"});
  const std::string b = enqueue({"work"});
  const auto child = shown(enqueue({"work", "--after", a, "--after", b, "--on", "finished"}));
  EXPECT_EQ(child["state"], "Awaiting");
  ASSERT_EQ(child["parents"].size(), 2U);
  EXPECT_EQ(child["parents"][0]["on"], "finished");
  EXPECT_EQ(shown(a)["children"][0], child["id"]);
  const auto other = shown(enqueue({"--after", a + "," + b, "work"}));
  EXPECT_EQ(other["parents"].size(), 2U);
}

TEST_F(Enqueue, KeepsKeysUnique) {
  const std::string first = enqueue({"work", "--unique", "one"});
  const Finished second = run({"enqueue", "work", "--unique", "one"});
  EXPECT_EQ(second.code, 1);
  EXPECT_EQ(second.out, "");
  EXPECT_THAT(second.err, AllOf(HasSubstr("nothing was created"), HasSubstr(first)));
  const auto rejected = json_of({"enqueue", "work", "--unique", "one"}, 1);
  EXPECT_EQ(rejected["status"], "rejected");
  EXPECT_EQ(rejected["id"], nullptr);
  EXPECT_EQ(rejected["holder"], first);
  const auto existing =
      json_of({"enqueue", "work", "--unique", "one", "--on-duplicate", "existing"});
  EXPECT_EQ(existing["status"], "existing");
  EXPECT_EQ(existing["id"], first);
}

TEST_F(Enqueue, ReplacesWhatHasNotBegun) {
  const auto first = json_of({"enqueue", "work", "[1]", "--unique", "k"});
  const auto second = json_of(
      {"enqueue", "work", "[2]", "--delay", "1h", "--unique", "k", "--on-duplicate", "replace"});
  EXPECT_EQ(second["status"], "replaced");
  EXPECT_EQ(second["id"], first["id"]);
  EXPECT_EQ(shown(first["id"])["arguments"], nlohmann::json::array({2}));
  EXPECT_EQ(shown(first["id"])["state"], "Scheduled");
}

TEST_F(Enqueue, KeepsLimitsAndSequences) {
  for (const char* option : {"--limit", "--sequence"}) {
    const std::string key = std::string{"key of "} + option;
    const auto first = json_of({"enqueue", "work", option, key});
    const auto second = json_of({"enqueue", "work", option, key});
    EXPECT_EQ(shown(first["id"])["limit_key"], key);
    EXPECT_EQ(shown(first["id"])["in_line"], false);
    EXPECT_EQ(shown(second["id"])["in_line"], true);
    EXPECT_THAT(run({"jobs", "show", second["id"]}).out, HasSubstr("stands in line"));
  }
  expect_usage_error({"enqueue", "work", "--limit", "a", "--sequence", "b"}, "--sequence");
}

TEST_F(Enqueue, GivesTagsAndADisplayName) {
  const auto job = json_of({"enqueue", "work", R"(["ann"])", "--tag", "red", "--tag", "a b",
                            "--display-name", "Work for {0}"});
  const auto stored = shown(job["id"]);
  EXPECT_EQ(stored["tags"], (nlohmann::json{"red", "a b"}));
  EXPECT_EQ(stored["display_name"], "Work for ann");
  const Finished list = run({"jobs", "list", "--tag", "a b"});
  EXPECT_THAT(list.out, HasSubstr("Work for ann"));
  EXPECT_EQ(json_of({"jobs", "list", "--tag", "blue"})["jobs"].size(), 0U);
}

TEST_F(Enqueue, RefusesAParentThatDoesNotExist) {
  const Finished finished = run({"enqueue", "work", "--after", unknown_id});
  EXPECT_EQ(finished.code, 1);
  EXPECT_THAT(finished.err, HasSubstr("does not exist"));
}

TEST_F(Enqueue, DoesNotDrownTheUserInTheirOwnInput) {
  const Finished finished = run({"enqueue", "work", "-"}, "[\"" + std::string(100'000, 'a'));
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err, HasSubstr("not JSON"));
  EXPECT_LT(finished.err.size(), 1000U);
}

TEST_F(Enqueue, ExplainsWrongValues) {
  expect_usage_error({"enqueue"}, "NAME is required");
  expect_usage_error({"enqueue", "work", "[1"}, "not JSON");
  expect_usage_error({"enqueue", "work", "{}"}, "must be a JSON array");
  expect_usage_error({"enqueue", "work", "--queue", "Mail!"}, "a-z");
  expect_usage_error({"enqueue", "work", "--priority", "101"}, "-100");
  expect_usage_error({"enqueue", "work", "--delay", "soon"}, "10m");
  expect_usage_error({"enqueue", "work", "--delay", "-5s"}, "--delay is \"-5s\"");
  expect_usage_error({"enqueue", "work", "--at", "tomorrow"}, "2026-11-21T09:00:00Z");
  expect_usage_error({"enqueue", "work", "--after", "7"}, "36 characters");
  expect_usage_error({"enqueue", "work", "--param", "key=text"}, "needs quotes");
  expect_usage_error({"enqueue", "work", "--param", "key"}, "NAME=JSON");
  expect_usage_error({"enqueue", "work", "--param", "portfire.x=1"}, "reserved");
  expect_usage_error({"enqueue", "work", "--delay", "1s", "--at", "2099-01-01T00:00:00Z"}, "--at");
  expect_usage_error({"enqueue", "work", "--on", "failed"}, "--after");
  expect_usage_error({"enqueue", "work", "[]", "surplus"}, "\"surplus\"");
}

}  // namespace
}  // namespace portfire::cli
