#include "storage/sqlite/packed.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace portfire::sqlite {
namespace {

std::vector<std::int64_t> unpack(const std::string& bytes) {
  std::vector<std::int64_t> values;
  PackedReader reader{bytes};
  for (std::int64_t value = 0; reader.next(value);) values.push_back(value);
  return values;
}

TEST(Packed, GivesBackWhatWasPutIn) {
  const std::vector<std::int64_t> values{0,
                                         1,
                                         2,
                                         -5,
                                         1'000'000,
                                         999'999,
                                         std::numeric_limits<std::int64_t>::max(),
                                         std::numeric_limits<std::int64_t>::min()};
  PackedWriter writer;
  for (const std::int64_t value : values) writer.add(value);
  EXPECT_EQ(unpack(writer.bytes()), values);
}

TEST(Packed, NeighboursTakeOneByteEach) {
  PackedWriter writer;
  for (std::int64_t value = 1; value <= 500; ++value) writer.add(value);
  EXPECT_EQ(writer.bytes().size(), 500U);
}

TEST(Packed, TwoSeriesCountTheirDifferencesByThemselves) {
  PackedWriter writer;
  for (std::int64_t key = 1'000'000; key < 1'000'100; ++key) {
    writer.add(key, 0);
    writer.add(7, 1);
  }
  EXPECT_LT(writer.bytes().size(), 210U);
  PackedReader reader{writer.bytes()};
  std::int64_t key = 0;
  std::int64_t epoch = 0;
  std::int64_t expected = 1'000'000;
  while (reader.next(key, 0) && reader.next(epoch, 1)) {
    EXPECT_EQ(key, expected++);
    EXPECT_EQ(epoch, 7);
  }
  EXPECT_EQ(expected, 1'000'100);
}

TEST(Packed, BytesThatAreCutOffEndTheList) {
  PackedWriter writer;
  writer.add(1);
  writer.add(1'000'000);
  const std::string& bytes = writer.bytes();
  EXPECT_EQ(unpack(bytes.substr(0, bytes.size() - 1)), std::vector<std::int64_t>{1});
}

}  // namespace
}  // namespace portfire::sqlite
