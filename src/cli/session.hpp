#pragma once

// What every command has at hand: the storage that the user named, and where to write.

#include <iosfwd>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include <portfire/client.hpp>
#include <portfire/open.hpp>
#include <portfire/storage/storage.hpp>

namespace portfire::cli {

using Json = nlohmann::ordered_json;

class Session {
 public:
  Session(std::ostream& out, std::ostream& err) : out_{out}, err_{err} {}

  // Filled in by the command line.
  std::string storage_option;
  bool json = false;

  // For people, or the one object of --json.
  [[nodiscard]] std::ostream& out() const { return out_; }
  void print(const Json& object) const;

  // `portfire: …` on standard error.
  void complain(const std::string& text) const;

  // The URL, from --storage or the environment. Throws UsageError when there is none.
  [[nodiscard]] std::string url() const;

  // The storage, which must exist and be one that processes can share.
  [[nodiscard]] std::shared_ptr<Storage> open() const;

  // A client on it, which logs to standard error.
  [[nodiscard]] Client client() const;

  [[nodiscard]] LogSink log() const;

 private:
  std::ostream& out_;
  std::ostream& err_;
};

}  // namespace portfire::cli
