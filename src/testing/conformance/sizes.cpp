// How large a storage is.

#include <algorithm>

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

void keep_sizes() {}

TEST_P(Sizes, TheEngineIsNamed) {
  const StorageReport report = monitoring().report();
  EXPECT_FALSE(report.engine.empty());
  // With its version, where it is a program of its own.
  const bool has_version = report.engine.find_first_of("0123456789") != std::string::npos;
  EXPECT_EQ(has_version, storage().capabilities().durable) << report.engine;
  EXPECT_EQ(report.layout_version > 0, storage().capabilities().durable);
}

TEST_P(Sizes, ThePartsAddUpToTheWhole) {
  create_many(100);
  const StorageReport report = monitoring().report();
  EXPECT_FALSE(report.parts.empty());
  std::uint64_t sum = 0;
  for (const StoragePart& part : report.parts) {
    EXPECT_FALSE(part.name.empty());
    sum += part.bytes;
  }
  EXPECT_EQ(report.bytes, sum);
}

TEST_P(Sizes, TheLargestPartComesFirst) {
  create_many(100);
  const std::vector<StoragePart> parts = monitoring().report().parts;
  EXPECT_TRUE(std::ranges::is_sorted(parts, [](const StoragePart& a, const StoragePart& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.name < b.name;
  }));
}

TEST_P(Sizes, AStorageThatKnowsItsSizeIsNotEmpty) {
  PORTFIRE_CONFORMANCE_NEEDS(durable);
  EXPECT_GT(monitoring().report().bytes, 0U);
}

}  // namespace portfire::conformance
