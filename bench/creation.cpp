#include "bench/creation.hpp"

#include <vector>

#include "bench/workload.hpp"

namespace portfire::bench {

void create(Client& client, std::size_t count, const Plan& plan, const std::string& what,
            const std::function<JobRequest(std::size_t number)>& request,
            const std::function<void(const Creation&)>& use) {
  for (std::size_t done = 0; done < count;) {
    std::vector<JobRequest> requests;
    for (; requests.size() < bulk_size && done < count; ++done) requests.push_back(request(done));
    for (const Creation& creation : client.submit_all(std::move(requests), Bulk::all_or_nothing)) {
      if (use) use(creation);
    }
    plan.progress(what, done, count);
  }
}

JobRequest request_in(State state) {
  return {
      .name = std::string{no_op.name}, .arguments = stored_arguments(), .state = std::move(state)};
}

}  // namespace portfire::bench
