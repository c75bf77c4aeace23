// What is read back from storages, where another version, or another program, may have written it:
// definitions of recurring jobs, inputs of workflows, cursors.

#include <map>
#include <string>

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

// Two lines: arguments and inputs.
void check_inputs(const std::string& text) {
  Input lines{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  const std::string arguments = lines.line();
  const Parameters parameters{{"portfire.inputs", lines.rest()}, {"portfire.parents", text}};
  const auto inputs = inputs_of(parameters);
  const std::string filled = with_results(
      arguments, inputs, [](std::size_t position, std::size_t /*argument*/) -> std::string {
        return std::to_string(position);
      });
  expect(with_results(filled, {}, {}) == with_results(with_results(filled, {}, {}), {}, {}),
         "arguments without inputs stay");
}

void check_parents(const std::string& text) {
  static_cast<void>(parents_of({{"portfire.parents", text}}));
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

// What cannot be read is said to be so, by exceptions of these kinds.
template <class Check>
void attempt(Check check, const std::string& text) {
  try {
    check(text);
  } catch (const DecodeError&) {
  } catch (const UsageError&) {
  }
}

}  // namespace
}  // namespace portfire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace portfire::fuzz;
  const std::string text = Input{bytes, size}.rest();
  for (const auto check :
       {check_definition, check_progress, check_inputs, check_parents, check_cursor}) {
    attempt(check, text);
  }
  return 0;
}
