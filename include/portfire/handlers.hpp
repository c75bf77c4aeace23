#pragma once

/// What a process can run: handlers by job name.
///
/// Built before the server starts; copied into it. Threads: none of its own; the handlers run on
/// the server's workers, many at once. Errors: `UsageError` for an empty name and for a second
/// handler under one name, aliases included.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <portfire/arguments.hpp>
#include <portfire/context.hpp>
#include <portfire/filter.hpp>
#include <portfire/job.hpp>
#include <portfire/outcome.hpp>

namespace portfire {

/// One handler, without its types.
struct Handler {
  std::string name;
  std::vector<std::string> aliases;
  int attempts = unset;
  Duration timeout = Duration::zero();
  Duration start_within = Duration::zero();
  Duration retention = Duration::zero();
  Isolation isolation = Isolation::unset;
  ProcessLimits process_limits = {};
  Filters filters;
  /// Decodes the arguments, calls, and encodes the result. Throws `DecodeError` for arguments that
  /// do not fit and whatever the handler throws.
  std::function<Outcome(Context&)> run;
};

namespace detail {

template <class Callable>
using CallableSignature = Signature<decltype(&std::remove_cvref_t<Callable>::operator())>;

/// The parameter at this place: injected, or the next stored value.
template <class Parameter, std::size_t stored_index, class Stored>
decltype(auto) argument_for(Stored& stored, Context& context) {
  using Plain = std::remove_cvref_t<Parameter>;
  if constexpr (std::is_same_v<Plain, Context>) {
    return (context);
  } else if constexpr (std::is_same_v<Plain, std::stop_token>) {
    return context.stop_token();
  } else {
    static_assert(!std::is_lvalue_reference_v<Parameter> ||
                      std::is_const_v<std::remove_reference_t<Parameter>>,
                  "Portfire: a job cannot take its arguments by non-const reference");
    return std::move(std::get<stored_index>(stored));
  }
}

template <class... Parameters>
consteval auto stored_indices(TypeList<Parameters...>) {
  std::array<std::size_t, sizeof...(Parameters) + 1> indices{};
  const std::array<bool, sizeof...(Parameters) + 1> injected{is_injected<Parameters>..., true};
  std::size_t next = 0;
  for (std::size_t i = 0; i < sizeof...(Parameters); ++i) {
    indices[i] = next;
    if (!injected[i]) ++next;
  }
  return indices;
}

template <class Call>
Outcome to_outcome(Call&& call) {
  using Result = decltype(call());
  if constexpr (std::is_void_v<Result>) {
    call();
    return done();
  } else if constexpr (std::is_same_v<std::remove_cvref_t<Result>, Outcome>) {
    return call();
  } else {
    return done<std::remove_cvref_t<Result>>(call());
  }
}

template <class Callable, class... Parameters, std::size_t... index>
Outcome call_with(Callable& callable, TypeList<Parameters...> all, Context& context,
                  std::index_sequence<index...>) {
  using Stored = typename StoredParametersOf<TypeList<>, Parameters...>::type;
  auto stored = decode_call(Stored{}, context.arguments());
  constexpr auto stored_at = stored_indices(decltype(all){});
  return to_outcome([&]() -> decltype(auto) {
    return callable(argument_for<Parameters, stored_at[index]>(stored, context)...);
  });
}

template <class Callable, class... Parameters>
Outcome call_with(Callable& callable, TypeList<Parameters...> all, Context& context) {
  return call_with(callable, all, context, std::index_sequence_for<Parameters...>{});
}

/// A job that says nothing of a result may have any.
template <class Called, class Declared>
consteval bool gives_result_of() {
  using Given = std::remove_cvref_t<typename Called::Result>;
  return std::is_void_v<typename Declared::Result> || std::is_same_v<Given, Outcome> ||
         std::is_same_v<Given, std::remove_cvref_t<typename Declared::Result>>;
}

/// What a factory gave, as something that `std::invoke` takes.
template <class Class, class Instance>
decltype(auto) as_object(Instance& instance) {
  if constexpr (std::is_base_of_v<Class, std::remove_cvref_t<Instance>>) {
    return (instance);
  } else {
    return *instance;
  }
}

}  // namespace detail

class Handlers {
 public:
  /// A function, or a static member function.
  template <auto Function>
  Handlers& add(Filters filters = {}) {
    using Signature = detail::Signature<decltype(Function)>;
    static_assert(std::is_void_v<typename Signature::Class>,
                  "Portfire: a member function needs a factory that gives the instance: "
                  "handlers.add<&Class::member>([] { return Class{}; })");
    if constexpr (std::is_void_v<typename Signature::Class>) {
      return insert(job<Function>.name, job<Function>.options, std::move(filters),
                    [](Context& context) {
                      constexpr auto function = Function;
                      return detail::call_with(function, typename Signature::All{}, context);
                    });
    }
  }

  /// A member function; `factory()` gives the instance, by value, reference or (smart) pointer,
  /// anew for every execution. A factory may take a `Context&`.
  template <auto Function, class Factory>
    requires std::is_member_function_pointer_v<decltype(Function)>
  Handlers& add(Factory factory, Filters filters = {}) {
    using Signature = detail::Signature<decltype(Function)>;
    return insert(job<Function>.name, job<Function>.options, std::move(filters),
                  [factory = std::move(factory)](Context& context) mutable {
                    const auto make = [&]() -> decltype(auto) {
                      if constexpr (std::is_invocable_v<Factory&, Context&>) {
                        return factory(context);
                      } else {
                        return factory();
                      }
                    };
                    decltype(auto) instance = make();
                    const auto call = [&](auto&&... arguments) -> decltype(auto) {
                      return std::invoke(Function,
                                         detail::as_object<typename Signature::Class>(instance),
                                         std::forward<decltype(arguments)>(arguments)...);
                    };
                    return detail::call_with(call, typename Signature::All{}, context);
                  });
  }

  /// Any callable for a declared job. Beside the job's parameters it may take `Context&` and
  /// `std::stop_token`, anywhere.
  template <class JobSignature, class Callable>
  Handlers& on(const Job<JobSignature>& job, Callable callable, Filters filters = {}) {
    using Called = detail::CallableSignature<Callable>;
    static_assert(
        std::is_same_v<typename Called::Stored, typename Job<JobSignature>::Signature::Stored>,
        "Portfire: the callable's parameters are not those of the job");
    static_assert(detail::gives_result_of<Called, typename Job<JobSignature>::Signature>(),
                  "Portfire: the callable's result is not that of the job; it may be an Outcome");
    return insert(job.name, job.options, std::move(filters),
                  [callable = std::move(callable)](Context& context) mutable {
                    return detail::call_with(callable, typename Called::All{}, context);
                  });
  }

  /// Any callable under a name.
  template <class Callable>
  Handlers& on(std::string_view name, Callable callable, JobOptions options = {},
               Filters filters = {}) {
    using Called = detail::CallableSignature<Callable>;
    return insert(name, options, std::move(filters),
                  [callable = std::move(callable)](Context& context) mutable {
                    return detail::call_with(callable, typename Called::All{}, context);
                  });
  }

  /// The handler for a name or alias; null when there is none.
  [[nodiscard]] std::shared_ptr<const Handler> find(std::string_view name) const;

  /// All names and aliases, sorted.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  Handlers& insert(std::string_view name, const JobOptions& options, Filters filters,
                   std::function<Outcome(Context&)> run);

  std::map<std::string, std::shared_ptr<const Handler>, std::less<>> by_name_;
};

}  // namespace portfire
