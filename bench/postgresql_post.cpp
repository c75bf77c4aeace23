#include "bench/postgresql_post.hpp"

#include <array>
#include <optional>

#include "bench/raw_postgres_jobs.hpp"
#include "bench/workload.hpp"

namespace portfire::bench {

namespace {

class Sender final : public Post {
 public:
  Sender(const std::string& url, const std::string& name) : schema_{url, name} {
    schema_.database().prepare(
        "send",
        "WITH created AS (INSERT INTO job SELECT $1, 0, $2, now(), $3 RETURNING id),"
        " queued AS (INSERT INTO ready SELECT 1, $4, 0, id FROM created)"
        " SELECT pg_notify($5, '') FROM created");
    name_ = name;
  }

  void send(std::uint64_t serial) override {
    schema_.database().run(
        "send", std::array<std::string, 5>{id_text(serial), std::string{no_op.name},
                                           stored_arguments(), std::to_string(serial), name_});
  }
  bool receive(std::chrono::milliseconds /*timeout*/) override { return false; }
  void finish() override {}

 private:
  RawSchema schema_;
  std::string name_;
};

class Receiver final : public Post {
 public:
  Receiver(const std::string& url, const std::string& name) : database_{url} {
    use_raw_schema(database_, name);
    jobs_.emplace(database_);
    database_.execute("LISTEN " + name);
  }

  void send(std::uint64_t /*serial*/) override {}
  bool receive(std::chrono::milliseconds timeout) override {
    return database_.wait_for_news(timeout) && jobs_->claim(1) > 0;
  }
  void finish() override { jobs_->finish(); }

 private:
  RawPostgres database_;
  std::optional<RawPostgresJobs> jobs_;
};

}  // namespace

std::unique_ptr<Post> postgresql_post(const std::string& native_url, const std::string& name,
                                      Post::Side side) {
  const std::string schema = name + "_floor";
  if (side == Post::Side::sender) return std::make_unique<Sender>(native_url, schema);
  return std::make_unique<Receiver>(native_url, schema);
}

}  // namespace portfire::bench
