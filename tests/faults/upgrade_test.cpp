// Processes of two releases on one database.

#include <atomic>
#include <thread>

#include "faults/faults.hpp"
#include "support/child.hpp"

namespace portfire::faults {
namespace {

using testing::ending;
using testing::JobBuilder;
using ::testing::SizeIs;
using testing::UnitBuilder;

// What an older release does while newer ones bring the functions up to date.
class AtWork {
 public:
  explicit AtWork(Storage& storage) : storage_{storage} {
    storage_.coordination().announce({.id = server_, .name = "old", .job_names = {"work"}});
    thread_ = std::thread{[this] {
      while (!over_) round();
    }};
  }
  ~AtWork() {
    over_ = true;
    thread_.join();
  }
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;

  [[nodiscard]] int rounds() const { return rounds_; }

 private:
  void round() {
    try {
      const Unit creation =
          UnitBuilder{ids_.next<UnitId>()}.create(JobBuilder{ids_.next<JobId>(), "work"});
      EXPECT_TRUE(storage_.jobs().commit({&creation, 1}).front().done());
      const auto taken = storage_.jobs().claim({server_, ++token_, {"default"}, 1}).executions;
      ASSERT_THAT(taken, SizeIs(1));
      const Unit end = UnitBuilder{ids_.next<UnitId>()}.move(ending(taken[0]));
      EXPECT_TRUE(storage_.jobs().commit({&end, 1}).front().done());
      EXPECT_TRUE(storage_.coordination().heartbeat(server_).known);
      ++rounds_;
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
      over_ = true;
    }
  }

  Storage& storage_;
  testing::TestIds ids_;
  const ServerId server_ = ids_.next<ServerId>();
  std::uint64_t token_ = 0;
  std::atomic<int> rounds_{0};
  std::atomic<bool> over_{false};
  std::thread thread_;
};

TEST(Upgrades, TenUpgradeAtOnceWhileAnOldOneIsAtWork) {
  const Installation installation;
  const auto storage = installation.open();
  const std::string functions = installation.execute("SELECT functions FROM :schema.version");
  installation.execute(
      "UPDATE :schema.version SET functions = 'older', portfire_release = 0;"
      "CREATE TABLE :schema.upgrade (at timestamptz);"
      "CREATE FUNCTION :schema.note_upgrade() RETURNS trigger LANGUAGE plpgsql AS"
      " $$BEGIN INSERT INTO :schema.upgrade VALUES (now()); RETURN NULL; END$$;"
      "CREATE TRIGGER noted AFTER UPDATE ON :schema.version"
      " FOR EACH ROW EXECUTE FUNCTION :schema.note_upgrade()");
  const AtWork old{*storage};
  const auto wait_for_rounds = [&old](int count) {
    const int before = old.rounds();
    while (old.rounds() < before + count && !HasFailure()) std::this_thread::yield();
  };
  wait_for_rounds(20);
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < 10; ++i) {
    children.push_back(std::make_unique<Child>(
        std::vector<std::string>{"open", installation.url(), installation.schema()}));
  }
  for (const auto& child : children) EXPECT_EQ(child->hear_line(), "opened");
  wait_for_rounds(20);
  EXPECT_EQ(installation.execute("SELECT functions FROM :schema.version"), functions);
  EXPECT_EQ(installation.count("upgrade"), "1");
}

}  // namespace
}  // namespace portfire::faults
