#pragma once

// Values as bytes and back. Both ends are one program, so nothing has versions and the order of
// bytes is the machine's. What comes from a child is not trusted: its memory may be broken.

#include <concepts>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <portfire/call.hpp>
#include <portfire/context.hpp>
#include <portfire/error.hpp>
#include <portfire/outcome.hpp>

namespace portfire::server::isolation {

// What was received is no message.
class MalformedMessage final : public Error {
 public:
  using Error::Error;
};

template <class T, class U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

// What of a value travels, in order; the same list writes and reads.
template <Is<State> T>
auto members(T& state) {
  return std::tie(state.name, state.kind, state.ending, state.reason, state.data, state.due_in,
                  state.due_at, state.retention);
}
template <Is<Parent> T>
auto members(T& parent) {
  return std::tie(parent.job, parent.on);
}
template <Is<UniqueKey> T>
auto members(T& unique) {
  return std::tie(unique.key, unique.on_duplicate, unique.held_while, unique.window);
}
template <Is<Limit> T>
auto members(T& limit) {
  return std::tie(limit.key, limit.at_once, limit.counts_while);
}
template <Is<Sequence> T>
auto members(T& sequence) {
  return std::tie(sequence.key, sequence.past_failures);
}
// Of a kind of job: what counts when one is created.
template <Is<JobOptions> T>
auto members(T& options) {
  return std::tie(options.name, options.queue, options.priority, options.at_once,
                  options.display_name);
}
template <Is<CallOptions> T>
auto members(T& call) {
  return std::tie(call.queue, call.priority, call.unique, call.limit, call.sequence, call.attempts,
                  call.timeout, call.start_within, call.retention, call.batch, call.baggage,
                  call.tags, call.display_name, call.parameters);
}
template <Is<JobRequest> T>
auto members(T& request) {
  return std::tie(request.name, request.arguments, request.defaults, request.call, request.state,
                  request.parents, request.when_met, request.id, request.is_batch,
                  request.reserved);
}
template <Is<Creation> T>
auto members(T& creation) {
  return std::tie(creation.status, creation.id, creation.holder, creation.reason);
}
template <Is<ProcessLimits> T>
auto members(T& limits) {
  return std::tie(limits.memory_bytes, limits.processor_time, limits.open_files);
}
template <Is<ExecutionRef> T>
auto members(T& ref) {
  return std::tie(ref.job, ref.epoch);
}
// The arguments travel apart, as the handler is to see them, and so do the parameters.
template <Is<Execution> T>
auto members(T& execution) {
  return std::tie(execution.ref, execution.name, execution.queue, execution.priority,
                  execution.attempt, execution.batch, execution.created_at, execution.ready_at,
                  execution.claimed_at, execution.suspect, execution.crashes);
}

// The last enumerator: what lies beyond is none.
template <class Enumeration>
inline constexpr Enumeration last_of = [] {
  static_assert(detail::never<Enumeration>, "name the last enumerator");
  return Enumeration{};
}();
template <>
inline constexpr StateKind last_of<StateKind> = StateKind::final;
template <>
inline constexpr Ending last_of<Ending> = Ending::other;
template <>
inline constexpr Condition last_of<Condition> = Condition::finished;
template <>
inline constexpr OnDuplicate last_of<OnDuplicate> = OnDuplicate::replace;
template <>
inline constexpr Creation::Status last_of<Creation::Status> = Creation::Status::full;
template <>
inline constexpr ReportLevel last_of<ReportLevel> = ReportLevel::error;
template <>
inline constexpr Outcome::Kind last_of<Outcome::Kind> = Outcome::Kind::cancel;
template <>
inline constexpr Bulk last_of<Bulk> = Bulk::each;
template <>
inline constexpr StopReason last_of<StopReason> = StopReason::timeout;

class Writer {
 public:
  explicit Writer(std::string& bytes) : bytes_{bytes} {}

  template <class... Values>
  Writer& operator()(const Values&... values) {
    (write(values), ...);
    return *this;
  }

 private:
  template <class T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void write(const T& value) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + sizeof value);
    std::memcpy(bytes_.data() + at, &value, sizeof value);
  }
  void write(std::string_view text) {
    write(static_cast<std::uint32_t>(text.size()));
    bytes_.append(text);
  }
  void write(const std::string& text) { write(std::string_view{text}); }
  void write(const Duration& span) { write(span.count()); }
  void write(const TimePoint& instant) { write(instant.time_since_epoch()); }
  template <class Tag>
  void write(const Id<Tag>& id) {
    (*this)(id.high(), id.low());
  }
  void write(const StateKinds& kinds) { write(kinds.bits()); }
  void write(const nlohmann::json& value) { write(value.dump()); }
  template <class T>
  void write(const std::optional<T>& value) {
    write(value.has_value());
    if (value) write(*value);
  }
  template <class T>
  void write(const std::vector<T>& list) {
    write(static_cast<std::uint32_t>(list.size()));
    for (const T& item : list) write(item);
  }
  template <class T>
  void write(const std::map<std::string, T>& map) {
    write(static_cast<std::uint32_t>(map.size()));
    for (const auto& [name, value] : map) (*this)(name, value);
  }
  template <class T>
    requires requires(const T& value) { members(value); }
  void write(const T& value) {
    std::apply(*this, members(value));
  }

  std::string& bytes_;
};

// Throws MalformedMessage. Views that it gives are of the bytes that it was given.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_{bytes} {}

  template <class... Values>
  Reader& operator()(Values&... values) {
    (read(values), ...);
    return *this;
  }
  template <class T>
  T take() {
    T value{};
    read(value);
    return value;
  }

  // Nothing may be left.
  void finish() const {
    if (!left_.empty()) throw MalformedMessage{"a message is too long"};
  }

 private:
  std::string_view cut(std::size_t size) {
    if (size > left_.size()) throw MalformedMessage{"a message is too short"};
    const std::string_view bytes = left_.substr(0, size);
    left_.remove_prefix(size);
    return bytes;
  }
  // Every item takes a byte at least.
  std::uint32_t take_size() {
    const auto size = take<std::uint32_t>();
    if (size > left_.size()) throw MalformedMessage{"a message is too short"};
    return size;
  }

  template <class T>
    requires std::is_arithmetic_v<T>
  void read(T& value) {
    std::memcpy(&value, cut(sizeof value).data(), sizeof value);
  }
  void read(bool& value) { value = take<std::uint8_t>() != 0; }
  template <class T>
    requires std::is_enum_v<T>
  void read(T& value) {
    const auto number = take<std::underlying_type_t<T>>();
    if (number > static_cast<std::underlying_type_t<T>>(last_of<T>)) {
      throw MalformedMessage{"a message names something that there is not"};
    }
    value = static_cast<T>(number);
  }
  void read(std::string_view& text) { text = cut(take<std::uint32_t>()); }
  void read(std::string& text) { text = take<std::string_view>(); }
  void read(Duration& span) { span = Duration{take<Duration::rep>()}; }
  void read(TimePoint& instant) { instant = TimePoint{take<Duration>()}; }
  template <class Tag>
  void read(Id<Tag>& id) {
    const auto high = take<std::uint64_t>();
    id = Id<Tag>{high, take<std::uint64_t>()};
  }
  void read(StateKinds& kinds) { kinds = StateKinds::from_bits(take<std::uint8_t>()); }
  void read(nlohmann::json& value) {
    value = nlohmann::json::parse(take<std::string_view>(), nullptr, false);
    if (value.is_discarded()) throw MalformedMessage{"a message has broken JSON"};
  }
  template <class T>
  void read(std::optional<T>& value) {
    value.reset();
    if (take<bool>()) read(value.emplace());
  }
  template <class T>
  void read(std::vector<T>& list) {
    list.clear();
    for (auto left = take_size(); left > 0; --left) read(list.emplace_back());
  }
  template <class T>
  void read(std::map<std::string, T>& map) {
    map.clear();
    for (auto left = take_size(); left > 0; --left) {
      auto name = take<std::string>();
      read(map[std::move(name)]);
    }
  }
  template <class T>
    requires requires(T& value) { members(value); }
  void read(T& value) {
    std::apply(*this, members(value));
  }

  std::string_view left_;
};

}  // namespace portfire::server::isolation
