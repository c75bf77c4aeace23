// Jobs that are finished in their handler's own transaction.

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <functional>
#include <memory>
#include <stdexcept>

#include <portfire/client.hpp>
#include <portfire/handlers.hpp>
#include <portfire/postgresql.hpp>
#include <portfire/server.hpp>

#include "support/postgres_place.hpp"

namespace portfire::postgresql {
namespace {

inline constexpr Job<void()> transfer{"transfer"};
inline constexpr Job<void(int)> notice{"notice", {.queue = "nobody"}};

class CompletionTest : public ::testing::Test {
 protected:
  CompletionTest() {
    send("SET search_path = " + place_.schema());
    send("CREATE TABLE effect (epoch bigint)");
  }
  ~CompletionTest() override { PQfinish(connection_); }

  void send(const std::string& sql) { PQclear(PQexec(connection_, sql.c_str())); }
  std::string ask(const std::string& sql) {
    return PrivatePostgres::shared().execute(place_.url(),
                                             "SET search_path = " + place_.schema() + "; " + sql);
  }
  std::string effects() { return ask("SELECT count(*) FROM effect"); }

  // Runs one job by `handler`, without retries, until it rests.
  JobDetails run(const std::function<Outcome(Context&)>& handler, const Filters& filters = {}) {
    Handlers handlers;
    handlers.on(transfer, [&](Context& context) { return handler(context); }, filters);
    Server server{storage_, handlers, {.workers = 1, .log = silent_sink()}};
    server.start();
    const JobId id = client_.with({.attempts = 0}).enqueue(transfer);
    const Waited waited = client_.wait(id, std::chrono::minutes{1});
    server.stop();
    EXPECT_TRUE(waited.ended);
    return client_.find(id).value();
  }
  Outcome finish() { return done_by(committing(storage_, connection_), 7); }

  PostgresPlace place_;
  std::shared_ptr<Storage> storage_ = open(place_.url(), {.schema = place_.schema()});
  PGconn* connection_ = PQconnectdb(place_.url().c_str());
  Client client_{storage_};
};

TEST_F(CompletionTest, EffectAndCompletionHappenTogether) {
  const JobDetails job = run([&](Context& context) {
    send("BEGIN");
    send("INSERT INTO effect VALUES (" + std::to_string(context.epoch()) + ")");
    static_cast<void>(context.client().enqueue(notice, 1));
    return finish();
  });
  EXPECT_EQ(job.state, "Succeeded");
  EXPECT_EQ(job.result, "7");
  EXPECT_EQ(ask("SELECT string_agg(epoch::text, ',') FROM effect"), "1");
  EXPECT_EQ(storage_->monitoring().list({.state = "Enqueued"}).jobs.size(), 1U);
  EXPECT_EQ(storage_->monitoring().statistics().lifetime.at("Succeeded"), 1U);
}

TEST_F(CompletionTest, AnExecutionThatHasLostItsJobHasNoEffect) {
  const JobDetails job = run([&](Context& context) {
    send("BEGIN");
    send("INSERT INTO effect VALUES (1)");
    EXPECT_TRUE(client_.delete_job(context.job_id()));
    return finish();
  });
  EXPECT_EQ(job.state, "Deleted");
  EXPECT_EQ(effects(), "0");
  EXPECT_EQ(PQtransactionStatus(connection_), PQTRANS_IDLE);
}

TEST_F(CompletionTest, ATransactionThatHasFailedFailsTheRun) {
  const JobDetails job = run([&](Context&) {
    send("BEGIN");
    send("INSERT INTO effect VALUES (1)");
    send("SELECT 1 / 0");
    return finish();
  });
  EXPECT_EQ(job.state, "Failed");
  EXPECT_NE(job.reason.find("has failed already"), std::string::npos) << job.reason;
  EXPECT_EQ(effects(), "0");
}

TEST_F(CompletionTest, ACommitThatFailsFailsTheRun) {
  ask("CREATE TABLE one (number integer UNIQUE DEFERRABLE INITIALLY DEFERRED)");
  const JobDetails job = run([&](Context& context) {
    send("BEGIN");
    send("INSERT INTO one VALUES (1), (1)");
    static_cast<void>(context.client().enqueue(notice, 1));
    return finish();
  });
  EXPECT_EQ(job.state, "Failed");
  EXPECT_NE(job.reason.find("was not committed"), std::string::npos) << job.reason;
  EXPECT_TRUE(storage_->monitoring().list({.state = "Enqueued"}).jobs.empty());
}

// What a filter decides against has no effect, and leaves no transaction open.
struct Objection : Filter {
  [[nodiscard]] std::string_view name() const override { return "objection"; }
  void performed(Performed&) override {
    if (throws) throw std::runtime_error{"no"};
  }
  void electing(Election& election) override {
    if (!throws && election.candidate.ending == Ending::succeeded) {
      election.elect(states::deleted("not wanted"));
    }
  }
  bool throws = false;
};

TEST_F(CompletionTest, AStateThatAFilterElectsInsteadHasNoEffect) {
  const JobDetails job = run(
      [&](Context&) {
        send("BEGIN");
        send("INSERT INTO effect VALUES (1)");
        return finish();
      },
      {std::make_shared<Objection>()});
  EXPECT_EQ(job.state, "Deleted");
  EXPECT_EQ(effects(), "0");
  EXPECT_EQ(PQtransactionStatus(connection_), PQTRANS_IDLE);
}

TEST_F(CompletionTest, AFilterThatFailsTheRunUndoesItsEffect) {
  const auto objection = std::make_shared<Objection>();
  objection->throws = true;
  const JobDetails job = run(
      [&](Context&) {
        send("BEGIN");
        send("INSERT INTO effect VALUES (1)");
        return finish();
      },
      {objection});
  EXPECT_EQ(job.state, "Failed");
  EXPECT_EQ(effects(), "0");
  EXPECT_EQ(PQtransactionStatus(connection_), PQTRANS_IDLE);
}

TEST_F(CompletionTest, AHandlerThatThrowsOnItsWayIsUndone) {
  const JobDetails job = run([&](Context&) -> Outcome {
    send("BEGIN");
    const auto commit = committing(storage_, connection_);
    send("INSERT INTO effect VALUES (1)");
    throw std::runtime_error{"no money"};
  });
  EXPECT_EQ(job.reason, "no money");
  EXPECT_EQ(effects(), "0");
  EXPECT_EQ(PQtransactionStatus(connection_), PQTRANS_IDLE);
}

TEST_F(CompletionTest, LinesAndParametersAreKeptWithTheOutcome) {
  const JobDetails job = run([&](Context& context) {
    context.log("on my way");
    context.set_parameter("seen", 1);
    send("BEGIN");
    return finish();
  });
  EXPECT_EQ(job.state, "Succeeded") << job.reason;
  EXPECT_EQ(job.parameters.at("seen"), "1");
  EXPECT_EQ(storage_->monitoring().log(job.id, 0, 10).size(), 1U);
}

TEST_F(CompletionTest, ParametersAreKeptWhenTheCommitFails) {
  const JobDetails job = run([&](Context& context) {
    context.set_parameter("seen", 1);
    return finish();
  });
  EXPECT_EQ(job.state, "Failed");
  EXPECT_EQ(job.parameters.at("seen"), "1");
}

TEST_F(CompletionTest, WithoutATransactionTheRunFails) {
  const JobDetails job = run([&](Context&) { return finish(); });
  EXPECT_EQ(job.state, "Failed");
  EXPECT_NE(job.reason.find("no transaction open"), std::string::npos) << job.reason;
}

}  // namespace
}  // namespace portfire::postgresql
