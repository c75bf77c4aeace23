#include "tidy/source_text.hpp"

#include <gtest/gtest.h>

namespace portfire::tidy {
namespace {

TEST(SourceText, CodeHasNoCommentsAndNoLiterals) {
  EXPECT_EQ(code_of("a /* b */ c // d\ne"), "a         c     \ne");
  EXPECT_EQ(code_of(R"(f("x\"y", 'z'))"), R"(f("    ", ' '))");
}

TEST(SourceText, RawStringsEndAtTheirOwnDelimiter) {
  const std::string text = "x = R\"--(a \" ) // b)--\"; // c";
  EXPECT_EQ(code_of(text).find('b'), std::string::npos);
  EXPECT_NE(code_of(text).find(';'), std::string::npos);
  EXPECT_NE(comments_of(text).find('c'), std::string::npos);
}

TEST(SourceText, DigitSeparatorsAreNoLiterals) {
  EXPECT_EQ(code_of("1'000'000 + a"), "1'000'000 + a");
  EXPECT_EQ(code_of("0x1'F + a"), "0x1'F + a");
}

TEST(SourceText, CommentMarksInLiteralsOpenNoComment) {
  EXPECT_EQ(comments_of("\"http://x\" y").find_first_not_of(' '), std::string::npos);
}

TEST(SourceText, WordsStandAlone) {
  EXPECT_EQ(find_word("abort aborted x_abort std::abort()", "abort"),
            (std::vector<std::size_t>{0, 27}));
}

TEST(SourceText, LinesAreCountedFromOne) {
  EXPECT_EQ(line_at("a\nb\nc", 0), 1U);
  EXPECT_EQ(line_at("a\nb\nc", 4), 3U);
  EXPECT_EQ(lines_of("a\n\nb").size(), 3U);
}

}  // namespace
}  // namespace portfire::tidy
