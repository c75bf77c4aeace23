#include "bench/batches.hpp"

#include <tuple>
#include <vector>

#include <portfire/batch.hpp>
#include <portfire/client.hpp>

#include "bench/counting.hpp"
#include "bench/rates.hpp"
#include "bench/workload.hpp"

namespace portfire::bench {

namespace {

using Calls = std::vector<std::tuple<std::int64_t, std::string>>;

template <class Create>
void measure(Scratch& scratch, const Plan& plan, double& create_per_s, double& drain_per_s,
             Create create) {
  const auto storage = scratch.open();
  Client client{storage, {.log = plan.log}};
  Runtime& runtime = *storage->runtime();
  const SteadyPoint begin = runtime.steady_now();
  create(client);
  create_per_s = per_second(plan.jobs, runtime.steady_now() - begin);
  drain_per_s = drain_rate(storage, plan);
}

}  // namespace

BatchRates batch_rates(Scratch& scratch, const Plan& plan) {
  Calls calls;
  for (std::size_t i = 0; i < plan.jobs; ++i) {
    calls.emplace_back(static_cast<std::int64_t>(i), ballast);
  }
  BatchRates rates;
  measure(scratch, plan, rates.create_alone_per_s, rates.drain_alone_per_s,
          [&](Client& client) { client.enqueue_all(no_op, calls); });
  scratch.clear();
  measure(scratch, plan, rates.create_members_per_s, rates.drain_members_per_s,
          [&](Client& client) {
            client.batch("members", [&](Batch& batch) { batch.enqueue_all(no_op, calls); });
          });
  return rates;
}

}  // namespace portfire::bench
