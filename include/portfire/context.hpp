#pragma once

/// What a running handler knows and can do: give the handler a parameter of type `Context&`.
///
/// Lives as long as the execution. Threads: every member may be called from any thread of the
/// handler's as long as the handler has not returned.

#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/enqueuer.hpp>
#include <portfire/id.hpp>
#include <portfire/storage/job_store.hpp>

namespace portfire {

namespace server {
class RunningJob;
}

/// Why an execution's stop token has fired.
enum class StopReason : unsigned char {
  none,        ///< it has not
  shutdown,    ///< the server is stopping; the job will be given back and run again
  deleted,     ///< the job was deleted, requeued or moved by somebody; the outcome will be refused
  lease_lost,  ///< this server has lost touch with the storage; another may run the job soon
  timeout,     ///< the job has used up its time
};

std::string_view to_string(StopReason reason);

class Context {
 public:
  explicit Context(server::RunningJob& running) : running_{running} {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  [[nodiscard]] JobId job_id() const;
  [[nodiscard]] const std::string& job_name() const;
  [[nodiscard]] const std::string& queue() const;

  /// The batch that the job is a member of; nil for none. `context.client().with({.batch =
  /// context.batch()})` adds members to it.
  [[nodiscard]] JobId batch() const;

  /// 1 on the first run; grows with each retry.
  [[nodiscard]] std::uint32_t attempt() const;

  /// Grows with every execution of this job. Write it beside your own data and refuse lower ones,
  /// and no execution that has lost the job can overwrite a later one.
  [[nodiscard]] std::uint64_t epoch() const;

  /// The stored arguments, a JSON array. Of a workflow's step: with the results that it takes in
  /// their places; what cannot be read is thrown as `ArgumentError`, `DecodeError` or
  /// `StorageError`.
  [[nodiscard]] const std::string& arguments() const;

  /// Fires when the execution should end; ask `stop_reason()` why.
  [[nodiscard]] std::stop_token stop_token() const;
  [[nodiscard]] StopReason stop_reason() const;

  /// Shows progress, 0 to 1, in lists and dashboards within about a second.
  void progress(double fraction);

  /// Adds a line to the job's own log, which is kept with it: at most 10,000 bytes, what is not
  /// UTF-8 replaced.
  void log(std::string text, ReportLevel level = ReportLevel::info);

  /// A parameter of the job; absent when there is none of that name.
  template <class T>
  [[nodiscard]] std::optional<T> parameter(const std::string& name) const {
    const std::optional<std::string> text = parameter_text(name);
    if (!text) return std::nullopt;
    return decode_value<T>(*text, "parameter " + name);
  }

  /// Sets a parameter; stored together with the outcome of this run, whatever that is.
  template <class T>
  void set_parameter(const std::string& name, const T& value) {
    set_parameter_text(name, encode_value(value));
  }

  /// What the call that created the job gave it to carry; see `CallOptions::baggage`.
  [[nodiscard]] std::map<std::string, std::string> baggage() const;

  /// The jobs that this one waited for, in the order in which they were named; empty for others.
  [[nodiscard]] const std::vector<JobId>& parents() const;

  /// The result of the first (or the given) parent; absent when there is no such parent or result.
  template <class T>
  [[nodiscard]] std::optional<T> parent_result(std::size_t index = 0) const {
    const std::string text = parent_result_text(index);
    if (text.empty()) return std::nullopt;
    return decode_value<T>(text, "result of the parent");
  }

  /// Creates jobs in the same transaction as the completion of this one: they exist exactly when
  /// this run succeeds. Until then nothing is stored. A unique key that is taken by then leaves its
  /// job out, also where the call asked to be rejected: it must not undo the completion.
  [[nodiscard]] Enqueuer& client();

 private:
  [[nodiscard]] std::optional<std::string> parameter_text(const std::string& name) const;
  void set_parameter_text(const std::string& name, std::string text);
  [[nodiscard]] std::string parent_result_text(std::size_t index) const;

  server::RunningJob& running_;
};

}  // namespace portfire
