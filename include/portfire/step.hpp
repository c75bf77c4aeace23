#pragma once

/// One step of a workflow, and how its arguments are put together; see `<portfire/workflow.hpp>`.

#include <cstddef>
#include <map>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <portfire/enqueuer.hpp>
#include <portfire/job.hpp>
#include <portfire/outcome.hpp>

namespace portfire {

/// A step of a workflow that gives an `R`: an id with a type.
template <class R>
class Step {
 public:
  explicit Step(JobId id) : id_{id} {}

  [[nodiscard]] JobId id() const { return id_; }
  operator JobId() const { return id_; }  // NOLINT: meant to be implicit

  /// Of a handler that returns an `Outcome`: says what `done(value)` is given there. Whether it is
  /// true shows when the next step runs.
  template <class T>
    requires std::is_same_v<R, Outcome>
  [[nodiscard]] Step<T> as() const {
    return Step<T>{id_};
  }

 private:
  JobId id_;
};

namespace detail {

template <class Signature>
using ResultOf = StoredType<typename Job<Signature>::Signature::Result>;

template <class T>
inline constexpr bool is_step = false;
template <class R>
inline constexpr bool is_step<Step<R>> = true;

template <class T>
inline constexpr bool is_step_list = false;
template <class R>
inline constexpr bool is_step_list<std::vector<Step<R>>> = true;

/// Whether it is known of what type the result is, and there is one.
template <class Result>
inline constexpr bool gives_value = !std::is_void_v<Result> && !std::is_same_v<Result, Outcome>;

/// Whether a stored result of one type can be read as an argument of the other.
template <class Result, class Parameter>
consteval bool flows_into() {
  if constexpr (!gives_value<Result>) {
    return false;
  } else if constexpr (std::is_same_v<Result, Parameter> ||
                       std::is_same_v<Parameter, nlohmann::json>) {
    return true;
  } else if constexpr (std::is_arithmetic_v<Result> && std::is_arithmetic_v<Parameter>) {
    return Fits<Result, Parameter> && !std::is_same_v<Result, bool>;  // JSON's true is no number
  } else if constexpr (is_optional<Parameter>) {
    return flows_into<Result, typename Parameter::value_type>();
  } else {
    return false;
  }
}

/// For which arguments the results of which parents stand.
struct StepInputs {
  struct Input {
    std::vector<JobId> steps;
    bool is_list = false;
  };

  std::vector<Parent> after;
  std::map<std::size_t, Input> by_argument = {};
};

template <class Parameter, class R>
void check_flow() {
  static_assert(!std::is_void_v<R>,
                "Portfire: this step gives no result that could be an argument; to wait for it use "
                "step_after");
  static_assert(!std::is_same_v<R, Outcome>,
                "Portfire: a handler that returns an Outcome does not say of what type its result "
                "is; say it with step.as<T>()");
  static_assert(!gives_value<R> || flows_into<R, Parameter>(),
                "Portfire: the result of this step is not of the type of the job's parameter");
}

template <class Parameter, class R>
nlohmann::json take_input(StepInputs& inputs, std::size_t index, const Step<R>& step) {
  check_flow<Parameter, R>();
  inputs.by_argument[index] = {.steps = {step.id()}};
  return nullptr;
}

template <class Parameter, class R>
nlohmann::json take_input(StepInputs& inputs, std::size_t index,
                          const std::vector<Step<R>>& steps) {
  if constexpr (Sequence<Parameter>) {
    check_flow<typename Parameter::value_type, R>();
  } else {
    static_assert(never<Parameter>,
                  "Portfire: several steps are given for a parameter that takes one value; it must "
                  "be a std::vector");
  }
  StepInputs::Input& input = inputs.by_argument[index];
  input.is_list = true;
  for (const Step<R>& step : steps) input.steps.push_back(step.id());
  return nullptr;
}

template <class Parameter, class Argument>
nlohmann::json encode_input(StepInputs& inputs, std::size_t index, Argument&& argument) {
  using Given = std::remove_cvref_t<Argument>;
  if constexpr (is_step<Given> || is_step_list<Given>) {
    return take_input<Parameter>(inputs, index, argument);
  } else {
    return encode_one<Parameter>(std::forward<Argument>(argument));
  }
}

template <class... Parameters, class Arguments, std::size_t... index>
std::string encode_inputs([[maybe_unused]] StepInputs& inputs, TypeList<Parameters...>,
                          [[maybe_unused]] Arguments arguments, std::index_sequence<index...>) {
  using All = std::tuple<Parameters...>;
  nlohmann::json array = nlohmann::json::array();
  (array.push_back(encode_input<std::tuple_element_t<index, All>>(
       inputs, index, std::get<index>(std::move(arguments)))),
   ...);
  return dump(array, "an argument");
}

/// As `encode_call`, with null in the places of results.
template <class Stored, class... Arguments>
std::string encode_step(StepInputs& inputs, Arguments&&... arguments) {
  constexpr std::size_t given = sizeof...(Arguments);
  if constexpr (has_right_count<Stored, given>()) {
    return encode_inputs(inputs, Stored{},
                         std::forward_as_tuple(std::forward<Arguments>(arguments)...),
                         std::make_index_sequence<given>{});
  } else {
    return {};
  }
}

}  // namespace detail

}  // namespace portfire
