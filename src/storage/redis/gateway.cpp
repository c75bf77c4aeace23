#include "storage/redis/gateway.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <stop_token>
#include <utility>

#include "storage/redis/connector.hpp"
#include "storage/redis/pipeline.hpp"
#include "storage/redis/pool.hpp"
#include "storage/redis/server_check.hpp"

namespace portfire::redis {

namespace {

using std::chrono::milliseconds;

// How long after each failed attempt the next one begins; after the last of them it is the caller's
// turn. Half of each is chance, so that those who failed together do not meet again.
constexpr std::array pauses = {milliseconds{0}, milliseconds{50}, milliseconds{250},
                               milliseconds{1000}};
// What needs no pause, in a row: a script that is loaded, a node that is followed.
constexpr int most_detours = 5;

class NetworkGateway final : public Gateway {
 public:
  explicit NetworkGateway(const Settings& settings)
      : settings_{settings},
        connector_{settings},
        work_{connector_, static_cast<std::size_t>(settings.max_connections)},
        heartbeat_{connector_, 1} {
    std::string info;
    for (const std::string_view section : {"server", "memory"}) {
      const std::array<std::string_view, 2> words{"INFO", section};
      info += command(words, Lane::work).as_text();
    }
    warnings_ = check_server(info, settings_, {connector_.place(), "open"});
  }

  Reply command(std::span<const std::string_view> words, Lane lane) override {
    Pipeline pipeline{words};
    return single(pipeline, lane);
  }

  Reply run(const ScriptCall& call, Lane lane) override {
    Pipeline pipeline{std::span{&call, 1}};
    return single(pipeline, lane);
  }

  std::vector<Reply> run_all(std::span<const ScriptCall> calls, Lane lane) override {
    if (calls.empty()) return {};
    Pipeline pipeline{calls};
    perform(pipeline, lane);
    return pipeline.take_replies();
  }

  [[nodiscard]] std::string description() const override { return connector_.place(); }
  [[nodiscard]] const std::vector<std::string>& warnings() const override { return warnings_; }

 private:
  // How often a pipeline has been tried, and since when.
  struct Course {
    SteadyPoint began;
    std::size_t attempts = 0;
    int detours = 0;
    std::optional<Endpoint> asked = {};  // where an ASK sends the next attempt
  };

  Reply single(Pipeline& pipeline, Lane lane) {
    perform(pipeline, lane);
    Reply reply = std::move(pipeline.take_replies().front());
    if (reply.is_error()) throw_error_reply({connector_.place(), pipeline.name()}, reply.message());
    return reply;
  }

  enum class Next { nothing, attempt, attempt_later };

  void perform(Pipeline& pipeline, Lane lane) {
    Pool& pool = lane == Lane::heartbeat ? heartbeat_ : work_;
    Course course{.began = settings_.runtime->steady_now()};
    while (true) {
      try {
        const Next next = attempt(pipeline, pool, course);
        if (next == Next::nothing || (next == Next::attempt_later && !pause(course))) break;
      } catch (const RedisError& error) {
        if (!may_go_on(error, pipeline, pool) || !pause(course)) throw;
      }
    }
    if (const auto confirmed = pipeline.confirmations()) {
      throw_not_replicated({connector_.place(), pipeline.name()}, *confirmed,
                           settings_.wait_replicas, settings_.wait_timeout);
    }
  }

  Next attempt(Pipeline& pipeline, Pool& pool, Course& course) {
    if (const auto endpoint = std::exchange(course.asked, std::nullopt)) {
      const auto connection = connector_.connect_to(*endpoint, pipeline.name());
      exchange(pipeline, *connection, true);
      return after_answers(pipeline, *connection, course);
    }
    Lease connection = pool.borrow(pipeline.name());
    exchange(pipeline, *connection, false);
    return after_answers(pipeline, *connection, course);
  }

  void exchange(Pipeline& pipeline, Connection& connection, bool asking) {
    try {
      pipeline.exchange(connection, {.patience = settings_.answer_timeout,
                                     .wait_replicas = settings_.wait_replicas,
                                     .wait_timeout = settings_.wait_timeout,
                                     .asking = asking});
    } catch (const StreamError& error) {
      throw_stream_error({connector_.place(), pipeline.name()}, connection.address(), error,
                         Sent::perhaps);
    }
  }

  // Does what the worst of the errors among the answers needs.
  Next after_answers(Pipeline& pipeline, const Connection& connection, Course& course) {
    if (pipeline.is_done()) return Next::nothing;
    const std::string message = *pipeline.trouble();
    const Remedy remedy = remedy_of(message);
    if (remedy == Remedy::rediscover) connector_.forget(connection);
    if (remedy == Remedy::rediscover || remedy == Remedy::repeat) return Next::attempt_later;
    if (++course.detours > most_detours) return Next::nothing;
    if (remedy == Remedy::load) return Next::attempt;
    const auto redirection = redirection_in(message, connection.address());
    if (!redirection) return Next::nothing;
    if (redirection->asking) {
      course.asked = redirection->endpoint;
    } else {
      connector_.follow(redirection->endpoint);
    }
    return Next::attempt;
  }

  // After a failure without an answer.
  static bool may_go_on(const RedisError& error, const Pipeline& pipeline, Pool& pool) {
    const Remedy remedy = error.remedy();
    if (remedy != Remedy::reconnect && remedy != Remedy::rediscover && remedy != Remedy::repeat) {
      return false;
    }
    // They broke together, most likely.
    pool.close_idle();
    return !error.connection_lost() || pipeline.is_repeatable();
  }

  // Waits before the next attempt. Whether there should be one: whoever has waited for a whole
  // answer in vain does not wait for another.
  bool pause(Course& course) {
    if (course.attempts == pauses.size()) return false;
    const Duration pause = pauses[course.attempts++];
    Runtime& runtime = *settings_.runtime;
    const SteadyPoint now = runtime.steady_now();
    if (now - course.began >= settings_.answer_timeout) return false;
    if (pause == Duration::zero()) return true;
    const auto chance = static_cast<Duration::rep>(runtime.random() >> 33U);
    const auto event = runtime.make_event();
    event->wait_until(now + pause / 2 + Duration{chance % pause.count()}, std::stop_token{});
    return true;
  }

  const Settings& settings_;
  Connector connector_;
  Pool work_;
  Pool heartbeat_;
  std::vector<std::string> warnings_;
};

}  // namespace

std::unique_ptr<Gateway> make_gateway(const Settings& settings) {
  return std::make_unique<NetworkGateway>(settings);
}

}  // namespace portfire::redis
