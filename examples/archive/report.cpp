#include "report.hpp"

#include <cstdio>
#include <string>
#include <vector>

namespace archive {

namespace {

void print_list(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::printf("  %s\n", line.c_str());
}

}  // namespace

void print_summary(const Places& places, const Plan& plan, const Totals& totals, const Meter& meter,
                   double seconds) {
  std::printf("%s files, %s, compressed to %s\n", with_commas(totals.files).c_str(),
              as_size(static_cast<double>(totals.size)).c_str(),
              as_size(static_cast<double>(totals.compressed_size)).c_str());
  std::printf("%s of them archived by this run, in %s\n", with_commas(meter.files).c_str(),
              as_span(seconds).c_str());
  const Omissions& left_out = plan.omissions;
  if (left_out.links + left_out.specials + left_out.folders > 0) {
    std::printf("left out: %s links, %s pipes and devices, %s folders of builds or versions\n",
                with_commas(left_out.links).c_str(), with_commas(left_out.specials).c_str(),
                with_commas(left_out.folders).c_str());
  }
  std::printf("copies:   %s\nmanifest: %s\n", (places.archive / "files").c_str(),
              places.manifest().c_str());
  if (totals.missing + left_out.complaints.size() > 0) {
    std::printf("%s could not be archived:\n",
                with_commas(totals.missing + left_out.complaints.size()).c_str());
    print_list(left_out.complaints);
    print_list(totals.complaints);
  }
}

}  // namespace archive
