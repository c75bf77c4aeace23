#include "client/step_inputs.hpp"

#include <algorithm>
#include <charconv>

#include <portfire/arguments.hpp>

#include "model/rules.hpp"

namespace portfire {

namespace {

const std::string* find(const Parameters& parameters, const char* name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? nullptr : &found->second;
}

std::size_t to_position(const std::string& text) {
  std::size_t position = 0;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, position);
  if (error != std::errc{} || read != end) {
    throw DecodeError{"the inputs of a step name the argument \"" + text +
                      "\"; it must be a number"};
  }
  return position;
}

}  // namespace

std::vector<JobId> parents_of(const Parameters& parameters) {
  std::vector<JobId> parents;
  const std::string* text = find(parameters, rules::parents_parameter);
  if (text == nullptr) return parents;
  for (const auto& item : decode_value<std::vector<std::string>>(*text, "the list of parents")) {
    if (const auto id = parse_id<JobId>(item)) parents.push_back(*id);
  }
  return parents;
}

std::vector<StepInput> inputs_of(const Parameters& parameters) {
  std::vector<StepInput> inputs;
  const std::string* text = find(parameters, rules::inputs_parameter);
  if (text == nullptr) return inputs;
  constexpr const char* place = "the inputs of a step";
  for (const auto& [argument, value] :
       decode_value<std::map<std::string, nlohmann::json>>(*text, place)) {
    StepInput input{.argument = to_position(argument), .is_list = value.is_array()};
    if (input.is_list) {
      input.parents = detail::decode<std::vector<std::size_t>>(value, place);
    } else {
      input.parents.push_back(detail::decode<std::size_t>(value, place));
    }
    inputs.push_back(std::move(input));
  }
  std::ranges::sort(inputs, {}, &StepInput::argument);
  return inputs;
}

std::string with_results(
    const std::string& arguments, const std::vector<StepInput>& inputs,
    const std::function<std::string(std::size_t position, std::size_t argument)>& result_of) {
  nlohmann::json array = detail::parse(arguments, "the arguments");
  for (const StepInput& input : inputs) {
    if (!array.is_array() || input.argument >= array.size()) {
      throw DecodeError{"argument " + std::to_string(input.argument + 1) +
                        " is to be the result of another job, but the job has no such argument"};
    }
    const auto read = [&](std::size_t position) {
      return detail::parse(result_of(position, input.argument),
                           "argument " + std::to_string(input.argument + 1));
    };
    nlohmann::json& place = array[input.argument];
    if (!input.is_list) {
      place = read(input.parents.front());
      continue;
    }
    place = nlohmann::json::array();
    for (const std::size_t position : input.parents) place.push_back(read(position));
  }
  return detail::dump(array, "an argument");
}

}  // namespace portfire
