// Steps whose results do not fit the parameters that they are given for.

#include <portfire/workflow.hpp>

#include <string>
#include <vector>

int count_rows(std::string path);
void report(int rows, std::string title);
void report_all(std::vector<int> rows);
portfire::Outcome try_to_count(std::string path);
void clean_up(std::string path);

void flows(portfire::Workflow& flow) {
  const auto rows = flow.step<&count_rows>("a.csv");
  const auto perhaps = flow.step<&try_to_count>("b.csv");
  const auto cleaned = flow.step<&clean_up>("c.csv");
  flow.step<&report>(rows, "a");
  flow.step<&report>(perhaps.as<int>(), "b");
  flow.step<&report_all>(std::vector{rows, rows});
  flow.step_after<&report>(cleaned, rows, "c");

#ifdef result_of_other_type
  flow.step<&report>(1, rows);
#endif
#ifdef result_of_nothing
  flow.step<&report>(cleaned, "a");
#endif
#ifdef result_untyped
  flow.step<&report>(perhaps, "a");
#endif
#ifdef results_for_one
  flow.step<&report>(std::vector{rows}, "a");
#endif
#ifdef step_too_few
  flow.step<&report>(rows);
#endif
}
