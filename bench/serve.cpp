#include "bench/serve.hpp"

#include <unistd.h>

#include <atomic>

#include <portfire/handlers.hpp>
#include <portfire/open.hpp>
#include <portfire/server.hpp>

#include "bench/channel.hpp"
#include "bench/engine.hpp"
#include "bench/workload.hpp"

namespace portfire::bench {

using std::chrono::milliseconds;

void serve(const std::shared_ptr<Storage>& storage, int workers, News news, const LogSink& log) {
  Runtime& runtime = *storage->runtime();
  Channel channel{STDIN_FILENO};
  std::atomic<std::int64_t> runs{0};
  Handlers handlers;
  handlers.on(no_op, [&](std::int64_t, const std::string&) {
    if (news == News::entries) {
      channel.send(runtime.steady_now().time_since_epoch().count());
    } else {
      ++runs;
    }
  });
  Server server{storage, handlers, {.workers = workers, .log = log}};
  channel.send(0);
  while (!channel.receive(milliseconds{1000})) {
    if (channel.is_closed()) return;
  }
  server.start();
  while (!channel.is_closed()) {
    channel.receive(milliseconds{5});
    if (const std::int64_t more = runs.exchange(0); more > 0) channel.send(more);
  }
  server.stop();
}

void receive_posts(const std::string& native_url, const std::string& name) {
  const Engine engine = all_engines()[parse_storage_url(native_url).scheme];
  const auto runtime = thread_runtime();
  Channel channel{STDIN_FILENO};
  const auto post = engine.post(native_url, name, Post::Side::receiver);
  channel.send(0);
  while (!channel.is_closed()) {
    if (post->receive(milliseconds{20})) {
      channel.send(runtime->steady_now().time_since_epoch().count());
      post->finish();
      channel.send(0);
    }
    channel.receive(milliseconds{0});
  }
}

}  // namespace portfire::bench
