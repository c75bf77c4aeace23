#include "storage/postgresql/errors.hpp"

#include <algorithm>
#include <utility>

namespace portfire::postgresql {

namespace {

struct Meaning {
  std::string_view sqlstate;  // or the beginning of several
  Cure cure;
  const char* text;
};

// The first that fits.
constexpr Meaning meanings[] = {
    {"40001", Cure::repeat, "it collided with another transaction"},
    {"40P01", Cure::repeat, "it collided with another transaction"},
    // Two create the same job, queue or server: the second then finds what the first has made.
    {"23505", Cure::repeat, "it collided with another transaction"},
    // The row was on its way to a partition when another one was made for it.
    {"23514", Cure::repeat, "a partition was made at the same moment"},
    {"55P03", Cure::repeat, "another transaction holds a lock for too long"},
    {"08", Cure::reconnect, "the connection was lost"},
    {"57P01", Cure::reconnect, "the server is shutting down, or an administrator has cut us off"},
    {"57P02", Cure::reconnect, "the server has crashed and starts again"},
    {"57P03", Cure::reconnect, "the server is starting or stopping"},
    {"57P04", Cure::none, "the database was dropped"},
    {"57P05", Cure::reconnect, "the server has closed an idle connection"},
    {"25P03", Cure::reconnect, "the server has closed an idle transaction"},
    {"25006", Cure::reconnect,
     "the server only reads (a standby?); name the primary, or all hosts with "
     "target_session_attrs=read-write"},
    {"57014", Cure::wait, "it took longer than its timeout, or was stopped by somebody"},
    {"53100", Cure::wait, "the server's disk is full; free some space"},
    {"53200", Cure::wait, "the server is out of memory"},
    {"53300", Cure::wait,
     "the server has no connection left; raise max_connections, or lower that of Portfire"},
    {"53", Cure::wait, "the server is short of something"},
    {"58", Cure::wait, "the server's system failed; look at its log and its disk"},
    {"28", Cure::none, "access is denied; check user, password and pg_hba.conf"},
    {"3D000", Cure::none, "there is no such database; create it first"},
    {"42501", Cure::none,
     "permission is missing; grant it, or let the owner of the schema run portfire migrate"},
    {"26000", Cure::none,
     "a prepared statement is gone; behind a pooler of transactions set prepared_statements=off"},
    {"42P05", Cure::none,
     "a prepared statement is there already; behind a pooler of transactions set "
     "prepared_statements=off"},
    {"0A000", Cure::reconnect, "the schema has changed under a prepared statement"},
    {"42883", Cure::none, "a function of the schema is missing; run portfire migrate"},
    {"42P01", Cure::none, "a table of the schema is missing; has somebody dropped it?"},
    {"3F000", Cure::none, "the schema is missing; has somebody dropped it?"},
    {"22021", Cure::none, "a text contains bytes that PostgreSQL cannot keep"},
    {"XX", Cure::none, "the server reports damage or an internal error; look at its log"},
};

// libpq keeps the SQLSTATE of a refused connection to itself. In the language of the server these
// words may differ; then it is "cannot be reached", and tried again.
struct Refusal {
  std::string_view words;
  Cure cure;
  const char* text;
};
constexpr Refusal refusals[] = {
    {"password authentication failed", Cure::none, "the password is wrong"},
    {"no password supplied", Cure::none, "a password is needed"},
    {"no pg_hba.conf entry", Cure::none, "pg_hba.conf does not let us in"},
    // Before "does not exist", which may be said of files too.
    {"root certificate file", Cure::none,
     "there is no certificate to trust; check sslrootcert, or lower sslmode"},
    {"certificate verify failed", Cure::none,
     "the server's certificate is not trusted; check sslrootcert"},
    {"does not match host name", Cure::none,
     "the server's certificate is not for this host; check the host, or lower sslmode"},
    {"server does not support SSL", Cure::none, "the server has no TLS, which sslmode asks for"},
    {"authentication failed", Cure::none, "access is denied; check user and pg_hba.conf"},
    {"\" does not exist", Cure::none, "there is no such database or user; create it first"},
    {"permission denied for database", Cure::none, "the user may not connect to the database"},
    {"timeout expired", Cure::wait, "the server cannot be reached: it does not answer"},
    {"too many clients", Cure::wait,
     "the server has no connection left; raise max_connections, or lower that of Portfire"},
    {"too many connections", Cure::wait,
     "the server has no connection left; raise the limit of the database or the user"},
    {"remaining connection slots", Cure::wait,
     "the server has no connection left; raise max_connections, or lower that of Portfire"},
};

constexpr std::string_view refused_by_a_function = "PF001";

// PostgreSQL's texts begin with a severity, go on for several lines and end with a line break.
std::string in_one_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

int native_code(std::string_view sqlstate) {
  constexpr std::size_t length = 5;
  constexpr int bits = 6;
  constexpr int mask = 0x3F;
  if (sqlstate.size() != length) return 0;
  int code = 0;
  for (std::size_t i = 0; i < length; ++i) {
    code |= ((sqlstate[i] - '0') & mask) << (bits * static_cast<int>(i));
  }
  return code;
}

void throw_database_error(const std::string& place, const char* operation,
                          const std::string& sqlstate, const std::string& text) {
  if (sqlstate == refused_by_a_function) throw UsageError{in_one_line(text)};
  Cure cure = Cure::none;
  std::string meaning = "PostgreSQL failed";
  const auto* const found = std::ranges::find_if(
      meanings, [&](const Meaning& one) { return sqlstate.starts_with(one.sqlstate); });
  if (found != std::end(meanings)) {
    cure = found->cure;
    meaning = found->text;
  }
  throw DatabaseError{place + ": " + operation + ": " + meaning + " (" + in_one_line(text) +
                          ", SQLSTATE " + sqlstate + ")",
                      {.operation = operation,
                       .native_code = native_code(sqlstate),
                       .retryable = cure != Cure::none,
                       .connection_lost = cure == Cure::reconnect},
                      sqlstate,
                      cure};
}

void throw_connection_error(const std::string& place, const char* operation,
                            const std::string& text) {
  throw DatabaseError{
      place + ": " + operation + ": the connection was lost (" + in_one_line(text) + ")",
      {.operation = operation, .retryable = true, .connection_lost = true},
      {},
      Cure::reconnect};
}

void throw_no_answer(const std::string& place, const char* operation, Duration silence) {
  throw DatabaseError{
      place + ": " + operation + ": the server has not answered for " + to_string(silence) +
          ", and the connection was given up; whether it was done is not known. Is its host, or "
          "the "
          "network, standing still? Where statements may take that long raise answer_timeout",
      {.operation = operation, .retryable = true, .connection_lost = true},
      {},
      Cure::wait};
}

void throw_no_connection(const std::string& place, const char* operation, const std::string& text) {
  const auto* const found = std::ranges::find_if(
      refusals, [&](const Refusal& one) { return text.find(one.words) != std::string::npos; });
  const bool is_final = found != std::end(refusals) && found->cure == Cure::none;
  const std::string meaning =
      found != std::end(refusals) ? found->text : "the server cannot be reached";
  throw DatabaseError{place + ": " + operation + ": " + meaning + " (" + in_one_line(text) + ")",
                      {.operation = operation, .retryable = !is_final},
                      {},
                      found != std::end(refusals) ? found->cure : Cure::reconnect};
}

void throw_unusable(const std::string& place, const char* operation,
                    const std::string& problem_and_cure) {
  throw DatabaseError{place + ": " + problem_and_cure, {.operation = operation}, {}, Cure::none};
}

}  // namespace portfire::postgresql
