#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>

#include "examples/archive/clean_up.hpp"
#include "examples/archive/copy.hpp"
#include "examples/archive/path_text.hpp"
#include "examples/archive/places.hpp"
#include "examples/archive/progress.hpp"
#include "examples/archive/sha256.hpp"

namespace archive {
namespace {

namespace fs = std::filesystem;

TEST(PathText, IsOneLineOfUtf8AndReversible) {
  const std::map<std::string, std::string> table = {{"src/a b.cpp", "src/a b.cpp"},
                                                    {"Grüße/漢字", "Grüße/漢字"},
                                                    {"new\nline", R"(new\x0aline)"},
                                                    {"a\\x41", R"(a\x5cx41)"},
                                                    {"\xff\xc3\xbc", R"(\xff\xc3\xbc)"},
                                                    {"\x7f", R"(\x7f)"},
                                                    {"", ""}};
  for (const auto& [path, text] : table) {
    EXPECT_EQ(to_text(path), text);
    EXPECT_EQ(from_text(text), fs::path{path});
  }
  EXPECT_EQ(from_text(R"(a\x4)"), fs::path{R"(a\x4)"});
}

TEST(Places, GiveEveryFileACopyThatIsInNobodysWay) {
  const Places places{.source = "/s", .archive = "/a"};
  std::set<fs::path> copies;
  std::set<fs::path> folders;
  for (const char* path : {"n", "n.zst", "n.zst/f", "n.zst~/f", "n.zst~~/f", "n~/f", "n/f"}) {
    const fs::path copy = places.copy_of({.path = path});
    EXPECT_TRUE(copies.insert(copy).second) << copy;
    folders.insert(copy.parent_path());
  }
  for (const fs::path& folder : folders) EXPECT_FALSE(copies.contains(folder)) << folder;
  EXPECT_EQ(places.copy_of({.path = "src/a.cpp"}), "/a/files/src/a.cpp.zst");
}

// Once it is over, by a handler that is another's.
TEST(CleanUp, RemovesWhatNoExecutionIsWriting) {
  const fs::path folder =
      fs::path{testing::TempDir()} / ("archive_clean_up_" + std::to_string(getpid()));
  const Places places{.source = "/s", .archive = folder};
  fs::create_directories(places.partial());
  const auto storage = portfire::memory::open();
  portfire::Client client{storage};
  int removed_meanwhile = -1;
  portfire::Handlers handlers;
  handlers.on("write", [&](portfire::Context& context) {
    std::ofstream{places.partial() / partial_name(context.job_id(), context.epoch())} << "half";
    std::ofstream{places.partial() / partial_name(context.job_id(), 99)} << "of another epoch";
    removed_meanwhile = remove_abandoned(client, places);
  });
  portfire::Server server{storage, handlers, {.log = portfire::silent_sink()}};
  server.start();
  const portfire::JobId id = client.enqueue_raw("write", "[]");
  EXPECT_TRUE(client.wait(id, std::chrono::minutes{1}).ended);
  server.stop();
  EXPECT_EQ(removed_meanwhile, 1);
  std::ofstream{places.partial() / "manifest"} << "somebody else's";
  EXPECT_EQ(remove_abandoned(client, places), 1);
  EXPECT_TRUE(fs::exists(places.partial() / "manifest"));
  fs::remove_all(folder);
}

TEST(Sha256, IsThatOfTheStandard) {
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

class Files : public testing::Test {
 protected:
  Files() { fs::create_directories(folder); }
  ~Files() override { fs::remove_all(folder); }

  const fs::path folder =
      fs::path{testing::TempDir()} / ("archive_parts_" + std::to_string(getpid()));
};

TEST_F(Files, AtomicFileLeavesNothingUnlessPublished) {
  {
    AtomicFile{folder / "temporary"}.write("lost");
  }
  EXPECT_TRUE(fs::is_empty(folder));

  AtomicFile file{folder / "temporary"};
  file.write("kept");
  EXPECT_FALSE(fs::exists(folder / "deep/final"));
  file.publish(folder / "deep/final");
  EXPECT_EQ(fs::file_size(folder / "deep/final"), 4U);
  EXPECT_FALSE(fs::exists(folder / "temporary"));
}

TEST_F(Files, WhatIsNoReadableFileIsUnreadable) {
  fs::create_symlink("nowhere", folder / "link");
  for (const char* name : {"absent", "link", "."}) {
    AtomicFile copy{folder / "temporary"};
    EXPECT_THROW(copy_file(folder / name, copy, [](auto) {}), Unreadable) << name;
  }
}

TEST_F(Files, CopyingCanBeGivenUp) {
  std::ofstream{folder / "source"} << "text";
  AtomicFile copy{folder / "temporary"};
  EXPECT_THROW(copy_file(folder / "source", copy, [](auto) { throw std::bad_alloc{}; }),
               std::bad_alloc);
}

TEST(Words, ForPeople) {
  EXPECT_EQ(with_commas(7), "7");
  EXPECT_EQ(with_commas(1391), "1,391");
  EXPECT_EQ(with_commas(12'345'678), "12,345,678");
  EXPECT_EQ(as_size(999), "999 B");
  EXPECT_EQ(as_size(41'200'000), "41.2 MB");
  EXPECT_EQ(as_span(0.25), "0.3 s");
  EXPECT_EQ(as_span(42), "42 s");
  EXPECT_EQ(as_span(130), "2 min 10 s");
  EXPECT_EQ(as_span(3720), "1 h 2 min");
}

}  // namespace
}  // namespace archive
