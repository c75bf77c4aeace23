// `portfire jobs list`.

#include "cli/program.hpp"

namespace portfire::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class JobsList : public StorageTest {
 protected:
  [[nodiscard]] std::vector<std::string> ids_of(Arguments filters) const {
    filters.insert(filters.begin(), {"jobs", "list"});
    std::vector<std::string> ids;
    const auto page = json_of(filters);
    for (const auto& job : page["jobs"]) ids.push_back(job["id"]);
    return ids;
  }
};

using Ids = std::vector<std::string>;

TEST_F(JobsList, HelpsWhenThereIsNothing) {
  EXPECT_THAT(run({"jobs", "list"}).out,
              AllOf(HasSubstr("There are no jobs in sqlite:"), HasSubstr("portfire enqueue")));
  EXPECT_THAT(run({"jobs", "list", "--state", "Failed"}).out, HasSubstr("No job matches"));
  const auto empty = json_of({"jobs", "list"});
  EXPECT_EQ(empty["jobs"], nlohmann::json::array());
  EXPECT_EQ(empty["next"], nullptr);
}

TEST_F(JobsList, ShowsATable) {
  const std::string id = enqueue({"work", "--queue", "mail"});
  enqueue({"later", "--delay", "2h30m"});
  const Finished finished = run({"jobs", "list"});
  EXPECT_EQ(finished.code, 0);
  EXPECT_THAT(finished.out, AllOf(HasSubstr("ID "), HasSubstr("STATE"), HasSubstr(id),
                                  HasSubstr("mail"), HasSubstr("due in 2h")));
}

TEST_F(JobsList, Filters) {
  const std::string a = enqueue({"work", "--queue", "mail"});
  const std::string b = enqueue({"other", "--queue", "mail"});
  const std::string c = enqueue({"work", "--delay", "1h"});
  EXPECT_EQ(ids_of({}), (Ids{c, b, a}));
  EXPECT_EQ(ids_of({"--queue", "mail"}), (Ids{b, a}));
  EXPECT_EQ(ids_of({"--name", "other"}), (Ids{b}));
  EXPECT_EQ(ids_of({"--state", "Scheduled"}), (Ids{c}));
  EXPECT_EQ(ids_of({"--state", "scheduled"}), (Ids{c}));
  EXPECT_EQ(ids_of({"--state", "Enqueued", "--name", "work"}), (Ids{a}));
}

TEST_F(JobsList, FiltersByTime) {
  const std::string id = enqueue({"work"});
  EXPECT_EQ(ids_of({"--since", "1h"}), (Ids{id}));
  EXPECT_EQ(ids_of({"--until", "1h"}), (Ids{}));
  EXPECT_EQ(ids_of({"--since", "2020-01-01T00:00:00Z", "--until", "2999-01-01T00:00:00Z"}),
            (Ids{id}));
  EXPECT_EQ(ids_of({"--since", "2999-01-01T00:00:00Z"}), (Ids{}));
}

TEST_F(JobsList, GoesOnWithACursor) {
  Ids made;
  for (int i = 0; i < 5; ++i) made.insert(made.begin(), enqueue({"work"}));
  Ids listed;
  std::string cursor;
  int pages = 0;
  do {
    Arguments arguments = {"jobs", "list", "--limit", "2"};
    if (!cursor.empty()) arguments.insert(arguments.end(), {"--cursor", cursor});
    const auto page = json_of(arguments);
    EXPECT_LE(page["jobs"].size(), 2U);
    for (const auto& job : page["jobs"]) listed.push_back(job["id"]);
    cursor = page["next"].is_null() ? "" : page["next"].get<std::string>();
  } while (!cursor.empty() && ++pages < 10);
  EXPECT_EQ(listed, made);
  EXPECT_THAT(run({"jobs", "list", "--limit", "2"}).out, HasSubstr("--cursor "));
}

TEST_F(JobsList, DoesNotLetJobsSteerTheTerminal) {
  const std::string id = enqueue({"work"});
  const Finished deleted = run({"jobs", "delete", id, "--reason", "red \x1b[31m alert"});
  EXPECT_EQ(deleted.code, 0);
  const Finished finished = run({"jobs", "list"});
  EXPECT_THAT(finished.out, AllOf(HasSubstr("red  [31m alert"), Not(HasSubstr("\x1b"))));
}

TEST_F(JobsList, ExplainsWrongValues) {
  const Finished limit = run({"jobs", "list", "--limit", "0"});
  EXPECT_EQ(limit.code, 2);
  EXPECT_THAT(limit.err, AllOf(HasSubstr("--limit"), HasSubstr("0"), HasSubstr("1000")));
  const Finished since = run({"jobs", "list", "--since", "yesterday"});
  EXPECT_EQ(since.code, 2);
  EXPECT_THAT(since.err, AllOf(HasSubstr("--since is \"yesterday\""), HasSubstr("2h")));
}

TEST_F(JobsList, SearchesDeep) {
  const std::string ann = enqueue({"work", "[\"Ann@example.com\"]"});
  const std::string bob = enqueue({"work", "[\"bob@example.com\"]"});
  let_run(bob);
  EXPECT_EQ(run({"jobs", "delete", ann, "--reason", "Sent twice"}).code, 0);
  EXPECT_EQ(ids_of({"--text", "ann@"}), (Ids{ann}));
  EXPECT_EQ(ids_of({"--reason", "sent"}), (Ids{ann}));
  EXPECT_EQ(ids_of({"--min-duration", "1d"}), Ids{});
  EXPECT_EQ(ids_of({"--attempts", "1"}), Ids{});
  EXPECT_EQ(ids_of({"--server", unknown_id}), Ids{});
  const Finished wrong = run({"jobs", "list", "--server", "abc"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("--server is \"abc\""));
}

}  // namespace
}  // namespace portfire::cli
