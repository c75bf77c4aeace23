#include "client/step_inputs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/error.hpp>

namespace portfire::step_inputs_test {
namespace {

using ::testing::IsEmpty;

std::string result_of(std::size_t position, std::size_t /*argument*/) {
  return "\"result " + std::to_string(position) + "\"";
}

std::string filled(const std::string& arguments, const std::string& inputs) {
  return with_results(arguments, inputs_of({{"portfire.inputs", inputs}}), result_of);
}

TEST(StepInputs, PutResultsInTheirPlaces) {
  EXPECT_EQ(filled(R"([1, null, "c"])", R"({"1": 4})"), R"([1,"result 4","c"])");
  EXPECT_EQ(filled("[null]", R"({"0": [2, 0]})"), R"([["result 2","result 0"]])");
  EXPECT_EQ(filled("[null]", R"({"0": []})"), "[[]]");
}

TEST(StepInputs, AreInTheOrderOfTheArguments) {
  const auto inputs = inputs_of({{"portfire.inputs", R"({"10": 1, "9": 0})"}});
  ASSERT_EQ(inputs.size(), 2U);
  EXPECT_EQ(inputs[0].argument, 9U);
  EXPECT_THAT(inputs_of({}), IsEmpty());
}

TEST(StepInputs, ThatAreNonsenseAreRefused) {
  EXPECT_THROW(filled("[null]", "7"), DecodeError);
  EXPECT_THROW(filled("[null]", R"({"first": 0})"), DecodeError);
  EXPECT_THROW(filled("[null]", R"({"0": "x"})"), DecodeError);
  EXPECT_THROW(filled("[null]", R"({"1": 0})"), DecodeError);
  EXPECT_THROW(filled("{}", R"({"0": 0})"), DecodeError);
}

}  // namespace
}  // namespace portfire::step_inputs_test
