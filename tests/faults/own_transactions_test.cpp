// Handlers that finish their jobs in transactions of their own, on connections that are cut.

#include <libpq-fe.h>

#include "faults/faults.hpp"

namespace portfire::faults {
namespace {

constexpr Job<void()> transfer{"transfer"};

class OwnTransactions : public ::testing::Test {
 protected:
  using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

  OwnTransactions() {
    handlers_.on(transfer, [this](Context& context) { return work(to_string(context.job_id())); });
  }

  // The first run of a job is cut, wherever the test wants it; what comes after it is not.
  Outcome work(const std::string& job) {
    connection_.reset(PQconnectdb(installation_.url_through(gate_).c_str()));
    send("BEGIN");
    auto commit = postgresql::committing(storage_, connection_.get());
    send("INSERT INTO " + installation_.schema() + ".effect VALUES ('" + job + "')");
    if (++runs_ == 1) gate_.cut_after(way_, bytes_);
    return done_by(std::move(commit));
  }
  void send(const std::string& statement) { PQclear(PQexec(connection_.get(), statement.c_str())); }

  const Installation installation_;
  TcpGate gate_{installation_.server().port()};
  const std::shared_ptr<Storage> storage_ = installation_.open();
  Client client_{storage_, {.log = silent_sink()}};
  Connection connection_{nullptr, &PQfinish};
  Handlers handlers_;
  int runs_ = 0;
  TcpGate::Way way_ = TcpGate::Way::to_server;
  std::size_t bytes_ = 0;
};

TEST_F(OwnTransactions, EffectAndCompletionHappenOnceWhereverTheConnectionIsCut) {
  installation_.execute("CREATE TABLE :schema.effect (job text)");
  Server server{storage_,
                handlers_,
                {.workers = 1, .retry = {.delays = {Duration::zero()}}, .log = silent_sink()}};
  server.start();
  std::size_t jobs = 0;
  std::size_t repeated = 0;
  for (const auto way : {TcpGate::Way::to_server, TcpGate::Way::to_client}) {
    way_ = way;
    // The last answer, that the commit was done, has 18 bytes; those before it are of slightly
    // different lengths each time.
    const std::size_t step = way == TcpGate::Way::to_server ? 67 : 7;
    for (bytes_ = 0;; bytes_ += step) {
      SCOPED_TRACE(std::to_string(bytes_) + " bytes, way " + std::to_string(static_cast<int>(way)));
      runs_ = 0;
      const JobId id = client_.enqueue(transfer);
      const Waited waited = client_.wait(id, 1min);
      ASSERT_TRUE(waited.ended);
      EXPECT_EQ(waited.job->state, "Succeeded") << waited.job->reason;
      const std::string effects = "SELECT count(*) FROM :schema.effect WHERE job = '";
      EXPECT_EQ(installation_.execute(effects + to_string(id) + "'"), "1");
      ++jobs;
      repeated += runs_ > 1 ? 1 : 0;
      if (gate_.take_back()) break;
    }
  }
  EXPECT_GT(repeated, 2U);
  EXPECT_LT(repeated, jobs - 2) << "none was done although its answer was lost";
  EXPECT_EQ(storage_->monitoring().statistics().lifetime["Succeeded"], jobs);
}

}  // namespace
}  // namespace portfire::faults
