// A statement that is on its way while its client is gone.

#include <thread>

#include "faults/faults.hpp"

namespace portfire::faults {
namespace {

using testing::JobBuilder;
using testing::UnitBuilder;

// It was sent again on another connection and answered meanwhile: nobody would run what it takes.
TEST(Late, AClaimThatArrivesLateTakesNothing) {
  const Installation installation;
  TcpGate gate{installation.server().port()};
  const auto near = installation.open();
  const auto far =
      installation.open_at(installation.url_through(gate),
                           {.max_connections = 1, .listen = false, .application_name = "late"});
  testing::TestIds ids;
  const auto server = ids.next<ServerId>();
  far->coordination().announce({.id = server, .name = "test", .job_names = {"work"}, .lease = 1h});
  far->jobs().claim({server, 1, {"default"}, 1});  // the connection is there, the statement known

  gate.stall();
  std::thread claiming{
      [&] { EXPECT_TRUE(far->jobs().claim({server, 2, {"default"}, 1}).executions.empty()); }};
  EXPECT_TRUE(gate.wait_for_kept_back());
  gate.cut_clients();
  gate.open();
  claiming.join();

  const Unit creation =
      UnitBuilder{ids.next<UnitId>()}.create(JobBuilder{ids.next<JobId>(), "work"});
  near->jobs().commit({&creation, 1});
  const std::string sessions =
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'late'";
  EXPECT_EQ(installation.execute(sessions), "2") << "one of them waits for its claim";
  gate.deliver_late();
  while (installation.execute(sessions) != "1") std::this_thread::yield();
  EXPECT_TRUE(near->jobs().held(server).empty()) << "a job that nobody runs";
}

}  // namespace
}  // namespace portfire::faults
