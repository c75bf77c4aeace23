// What is read back from storages, where another version, or another program, may have written it:
// definitions of recurring jobs, inputs of workflows, cursors.

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <portfire/error.hpp>

#include "client/recurring_definition.hpp"
#include "client/step_inputs.hpp"
#include "fuzz/fuzz.hpp"
#include "storage/common/cursor.hpp"

namespace portfire::fuzz {
namespace {

void check_definition(const std::string& text) {
  const std::string written = encode(decode_definition(text));
  expect(encode(decode_definition(written)) == written, "a definition reads back");
}

void check_progress(const std::string& text) {
  const std::string written = encode(decode_progress(text));
  expect(encode(decode_progress(written)) == written, "a progress reads back");
}

// As the library writes them, with the steps that they name.
nlohmann::json json_of(const StepInput& input) {
  return input.is_list ? nlohmann::json(input.parents) : nlohmann::json(input.parents.front());
}

// Two lines: arguments and inputs.
void check_inputs(const std::string& text) {
  Input lines{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  const std::string arguments = lines.line();
  const auto inputs = inputs_of({{"portfire.inputs", lines.rest()}});
  nlohmann::json written = nlohmann::json::object();
  for (const StepInput& input : inputs) written[std::to_string(input.argument)] = json_of(input);
  for (const StepInput& again : inputs_of({{"portfire.inputs", written.dump()}})) {
    const bool was_there = std::ranges::any_of(inputs, [&](const StepInput& input) {
      return input.argument == again.argument && json_of(input) == json_of(again);
    });
    expect(was_there, "inputs read back");
  }
  const auto position_itself = [](std::size_t position, std::size_t /*argument*/) {
    return std::to_string(position);
  };
  const std::string filled = with_results(arguments, inputs, position_itself);
  nlohmann::json expected = nlohmann::json::parse(arguments);
  for (const StepInput& input : inputs) expected.at(input.argument) = json_of(input);
  expect(nlohmann::json::parse(filled) == expected, "results stand in their places alone");
  expect(with_results(filled, {}, {}) == filled, "arguments without inputs stay");
}

void check_parents(const std::string& text) {
  const std::vector<JobId> parents = parents_of({{"portfire.parents", text}});
  nlohmann::json written = nlohmann::json::array();
  for (const JobId parent : parents) written.push_back(to_string(parent));
  expect(parents_of({{"portfire.parents", written.dump()}}) == parents, "parents read back");
}

void check_cursor(const std::string& text) {
  std::int64_t first = 0;
  std::int64_t second = 0;
  const std::string rest = read_cursor(text, {&first, &second});
  const std::string written = write_cursor({first, second}, rest);
  std::int64_t first_again = 0;
  std::int64_t second_again = 0;
  expect(read_cursor(written, {&first_again, &second_again}) == rest && first == first_again &&
             second == second_again,
         "a cursor reads back");
}

// What cannot be read is said to be so, by the exception that the header names.
template <class Error>
void attempt(void (*check)(const std::string& text), const std::string& text) {
  try {
    check(text);
  } catch (const Error&) {
  }
}

}  // namespace
}  // namespace portfire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace portfire::fuzz;
  const std::string text = Input{bytes, size}.rest();
  for (const auto check : {check_definition, check_progress, check_inputs, check_parents}) {
    attempt<portfire::DecodeError>(check, text);
  }
  attempt<portfire::UsageError>(check_cursor, text);
  return 0;
}
