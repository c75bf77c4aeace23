#include "server/isolation/errors.hpp"

#include <portfire/isolation.hpp>

namespace portfire::server::isolation {

namespace {

enum class ErrorKind : std::uint8_t { other, usage, decode, argument, storage };

struct Kind {
  ErrorKind kind = ErrorKind::other;
  StorageError::Details details = {};
};

Kind kind_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const ArgumentError&) {
    return {ErrorKind::argument};
  } catch (const DecodeError&) {
    return {ErrorKind::decode};
  } catch (const UsageError&) {
    return {ErrorKind::usage};
  } catch (const StorageError& failure) {
    return {ErrorKind::storage,
            {failure.operation(), failure.native_code(), failure.retryable(),
             failure.connection_lost()}};
  } catch (...) {
    return {};
  }
}

template <class Thrown, class... Arguments>
std::exception_ptr with_record(const ErrorRecord& record, Arguments&&... arguments) {
  return std::make_exception_ptr(
      RecordedError<Thrown>{record, record.message, std::forward<Arguments>(arguments)...});
}

}  // namespace

template <>
inline constexpr ErrorKind last_of<ErrorKind> = ErrorKind::storage;

void write_error(Writer writer, const std::exception_ptr& error, std::size_t limit,
                 StackTracer* tracer) {
  const Kind kind = kind_of(error);
  const ErrorRecord record = record_error(error, limit, tracer);
  writer(record.type, record.message, record.data, kind.kind, kind.details.operation,
         kind.details.native_code, kind.details.retryable, kind.details.connection_lost);
}

std::exception_ptr read_error(Reader& reader) {
  ErrorRecord record;
  Kind kind;
  reader(record.type, record.message, record.data, kind.kind, kind.details.operation,
         kind.details.native_code, kind.details.retryable, kind.details.connection_lost);
  if (!nlohmann::json::accept(record.data)) throw MalformedMessage{"an error has broken JSON"};
  switch (kind.kind) {
    case ErrorKind::usage: return with_record<UsageError>(record);
    case ErrorKind::decode: return with_record<DecodeError>(record);
    case ErrorKind::argument: return with_record<ArgumentError>(record);
    case ErrorKind::storage: return with_record<StorageError>(record, std::move(kind.details));
    case ErrorKind::other: break;
  }
  return with_record<IsolatedError>(record, record.type);
}

}  // namespace portfire::server::isolation
