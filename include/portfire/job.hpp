#pragma once

/// What a job is, as a type: a name, the parameters that are stored with it, and its defaults.
///
/// A client needs the descriptor alone and links without the body of the function. There are two
/// ways to one: declare it (`inline constexpr Job<void(std::string, int)>
/// resize{"image.resize"};`), or let it be derived from a function (`job<&send_email>`), which
/// `client.enqueue<&send_email>(…)` does. Everything here is constant and evaluated at compile
/// time.

#include <array>
#include <stop_token>
#include <string_view>
#include <tuple>
#include <type_traits>

#include <portfire/isolation.hpp>
#include <portfire/time.hpp>

namespace portfire {

class Context;

/// Stands for "not said here" in options that are numbers.
inline constexpr int unset = -1'000'000;

/// Defaults of one kind of job. Specialise `job_options<&f>` at global scope, before its first use:
///
///     template <> inline constexpr portfire::JobOptions
///     portfire::job_options<&send_email>{.name = "mail.send", .queue = "mail", .attempts = 5};
struct JobOptions {
  /// The stored name. Empty: derived from the qualified name of the function. A renamed function
  /// keeps its stored jobs by giving the former name here, or among the aliases.
  std::string_view name = {};

  /// `[a-z0-9_-]+`.
  std::string_view queue = "default";

  /// Retries after the first run: 5 means at most 6 runs. Unset: what the retry filter says (10).
  int attempts = unset;

  /// −100 to 100; higher first within a queue.
  int priority = 0;

  /// The execution's stop token fires after this long; zero means never.
  Duration timeout = Duration::zero();

  /// Not run any more once it has been ready for longer than this: it becomes Deleted; zero: run
  /// however late.
  Duration start_within = Duration::zero();

  /// Succeeded and Deleted jobs are kept this long; zero means what the server says (1 day).
  Duration retention = Duration::zero();

  /// At most so many jobs of this name are ready or running at a time, in the whole storage; zero
  /// means any number. A call that names a limit or a sequence of its own goes by that.
  int at_once = 0;

  /// Whether its handler runs in a process of its own, and what that may use; see
  /// `<portfire/isolation.hpp>`.
  Isolation isolation = Isolation::unset;
  ProcessLimits process_limits = {};

  /// What people see in the place of the name; `{0}` stands for the first argument, and so on.
  std::string_view display_name = {};

  /// Former names, still run by the same handler.
  std::array<std::string_view, 4> aliases = {};
};

/// Specialise this for a function to give its jobs options.
template <auto Function>
inline constexpr JobOptions job_options{};

namespace detail {

template <class T>
inline constexpr bool is_injected = std::is_same_v<std::remove_cvref_t<T>, Context> ||
                                    std::is_same_v<std::remove_cvref_t<T>, std::stop_token>;

/// The type in which a parameter is kept between decoding and the call.
template <class T>
using StoredType = std::conditional_t<std::is_same_v<std::decay_t<T>, std::string_view>,
                                      std::string, std::decay_t<T>>;

template <class... Types>
struct TypeList {
  static constexpr std::size_t size = sizeof...(Types);
};

template <class List, class... Parameters>
struct StoredParametersOf {
  using type = List;
};
template <class... Kept, class First, class... Rest>
struct StoredParametersOf<TypeList<Kept...>, First, Rest...>
    : std::conditional_t<is_injected<First>, StoredParametersOf<TypeList<Kept...>, Rest...>,
                         StoredParametersOf<TypeList<Kept..., StoredType<First>>, Rest...>> {};

template <class T>
inline constexpr bool never = false;

/// Takes function types and pointers apart.
template <class T>
struct Signature {
  static_assert(never<T>,
                "Portfire: this is neither a function nor a member function; for a lambda declare "
                "a Job<void(int)> descriptor and give the lambda to handlers.on");
  using Function = void();
  using All = TypeList<>;
  using Stored = TypeList<>;
  using Class = void;
};

template <class R, class... Parameters>
struct Signature<R(Parameters...)> {
  using Function = R(Parameters...);
  using Result = R;
  using All = TypeList<Parameters...>;
  using Stored = typename StoredParametersOf<TypeList<>, Parameters...>::type;
  using Class = void;
};
template <class R, class... P>
struct Signature<R(P...) noexcept> : Signature<R(P...)> {};
template <class R, class... P>
struct Signature<R (*)(P...)> : Signature<R(P...)> {};
template <class R, class... P>
struct Signature<R (*)(P...) noexcept> : Signature<R(P...)> {};

template <class R, class C, class... P>
struct MemberSignature : Signature<R(P...)> {
  using Class = C;
};
template <class R, class C, class... P>
struct Signature<R (C::*)(P...)> : MemberSignature<R, C, P...> {};
template <class R, class C, class... P>
struct Signature<R (C::*)(P...) const> : MemberSignature<R, C, P...> {};
template <class R, class C, class... P>
struct Signature<R (C::*)(P...) noexcept> : MemberSignature<R, C, P...> {};
template <class R, class C, class... P>
struct Signature<R (C::*)(P...) const noexcept> : MemberSignature<R, C, P...> {};

/// The text between the last ` Function = ` and its end, without a leading `&`: both compilers
/// write a function with external linkage as its qualified name there.
template <auto Function>
consteval std::string_view written_name() {
  std::string_view text = __PRETTY_FUNCTION__;
  constexpr std::string_view marker = "Function = ";
  text.remove_prefix(text.find(marker) + marker.size());
  text = text.substr(0, text.find_first_of(";]"));
  while (!text.empty() && (text.front() == '&' || text.front() == '(')) text.remove_prefix(1);
  return text;
}

consteval bool is_plain_name(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool digit = c >= '0' && c <= '9';
    if (!letter && !digit && c != ':') return false;
  }
  return true;
}

template <auto Function>
consteval std::string_view job_name() {
  constexpr std::string_view given = job_options<Function>.name;
  if constexpr (!given.empty()) {
    return given;
  } else {
    static_assert(is_plain_name(written_name<Function>()),
                  "Portfire: a lambda, a template or a function in an anonymous namespace has no "
                  "stable name; give it one with job_options<&f>{.name = \"…\"}");
    return written_name<Function>();
  }
}

}  // namespace detail

/// The descriptor of one kind of job.
template <class Function>
struct Job;

template <class R, class... Parameters>
struct Job<R(Parameters...)> {
  using Signature = detail::Signature<R(Parameters...)>;

  std::string_view name;
  JobOptions options = {};
};

/// The descriptor that belongs to a function or member function.
template <auto Function>
inline constexpr Job<typename detail::Signature<decltype(Function)>::Function> job{
    .name = detail::job_name<Function>(), .options = job_options<Function>};

}  // namespace portfire
