#pragma once

// Runs the real command and looks at what it prints and how it ends.

#include <filesystem>
#include <string>
#include <vector>

#include <portfire/client.hpp>
#include <portfire/storage/storage.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace portfire::cli {

struct Finished {
  int code = -1;
  std::string out;
  std::string err;

  // Standard output as the one JSON object that --json promises.
  [[nodiscard]] nlohmann::json json() const;
};

using Arguments = std::vector<std::string>;

// A directory with a database of its own, which PORTFIRE_STORAGE names.
class ProgramTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  [[nodiscard]] std::string path(const std::string& name) const { return directory_ / name; }
  [[nodiscard]] std::string url() const { return "sqlite:" + path("jobs.db"); }

  // The storage as this process sees it, created if need be.
  std::shared_ptr<Storage> storage();

  // `environment` takes the place of PORTFIRE_STORAGE; empty: the variable is not set.
  [[nodiscard]] Finished run_with(const std::string& environment, const Arguments& arguments,
                                  const std::string& input = {}) const;

  [[nodiscard]] Finished run(const Arguments& arguments, const std::string& input = {}) const {
    return run_with(url(), arguments, input);
  }

  // With --json; it must end with `code` and print one object.
  [[nodiscard]] nlohmann::json json_of(Arguments arguments, int code = 0) const;

  // Creates a job and gives its id.
  std::string enqueue(Arguments arguments) const;

  // Runs whatever is ready until this job has come to rest; handlers: `work` succeeds with 42,
  // `fail` throws.
  void let_run(const std::string& id);

 private:
  std::filesystem::path directory_;
};

// The same with an empty storage in it.
class StorageTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    storage();
  }

  // What `jobs show` says.
  [[nodiscard]] nlohmann::json shown(const std::string& id) const {
    return json_of({"jobs", "show", id});
  }
};

constexpr const char* unknown_id = "01930f3c-8e4b-7c21-9a55-0123456789ab";

}  // namespace portfire::cli
