#pragma once

// What the parameters of a job say about the jobs that it was created behind, and for which of its
// arguments the results of theirs stand.

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <portfire/id.hpp>

namespace portfire {

struct StepInput {
  std::size_t argument = 0;
  std::vector<std::size_t> parents;  // positions in `parents_of`
  bool is_list = false;              // one element each, in place of the value
};

using Parameters = std::map<std::string, std::string>;

// Empty for jobs that were not created behind others.
std::vector<JobId> parents_of(const Parameters& parameters);

// By argument; empty for jobs that take no results. Throws DecodeError.
std::vector<StepInput> inputs_of(const Parameters& parameters);

// `arguments` with results in the places that `inputs` names; `result_of(position, argument)` gives
// JSON text. Throws DecodeError when they do not fit each other.
std::string with_results(
    const std::string& arguments, const std::vector<StepInput>& inputs,
    const std::function<std::string(std::size_t position, std::size_t argument)>& result_of);

}  // namespace portfire
