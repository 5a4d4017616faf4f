#include "archive/zip.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "unit/checkpoint/emitter.h"

using lotse::archive::content_of;
using lotse::archive::read_stored_zip;
using lotse::archive::read_zip;
using lotse::archive::write_stored_zip;
using lotse::base::Error;
using lotse::test::ZipEmitter;

namespace {

ZipEmitter two_entries() {
  ZipEmitter zip;
  zip.add("a/data.pkl", "hello");
  zip.add("a/data/0", std::string(1000, 'x'));
  return zip;
}

std::string problem(const std::string& file) {
  try {
    read_stored_zip(file);
  } catch (const Error& error) {
    CHECK(error.kind() == lotse::base::ErrorKind::invalid);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("stored entries are found through the directory", "[zip]") {
  const auto file = two_entries().finish();
  const auto entries = read_stored_zip(file);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].name == "a/data.pkl");
  CHECK(entries[0].bytes == "hello");
  CHECK(entries[1].bytes.size() == 1000);
  CHECK((entries[1].bytes.data() - file.data()) % 64 == 0);
}

TEST_CASE("an archive comment is skipped", "[zip]") {
  auto file = two_entries().finish();
  file[file.size() - 2] = 5;
  CHECK(read_stored_zip(file + "12345").size() == 2);
}

TEST_CASE("a file cut anywhere is refused", "[zip]") {
  const auto file = two_entries().finish();
  for (std::size_t size = 0; size < file.size(); ++size) {
    INFO(size);
    CHECK(!problem(file.substr(0, size)).empty());
  }
}

TEST_CASE("any byte turned over is read or refused, never a crash", "[zip]") {
  const auto file = two_entries().finish();
  for (std::size_t at = 0; at < file.size(); ++at) {
    auto broken = file;
    broken[at] = static_cast<char>(~broken[at]);
    try {
      for (const auto& entry : read_stored_zip(broken)) CHECK(entry.bytes.size() <= file.size());
    } catch (const Error&) {
    }
  }
}

TEST_CASE("what a hostile zip file may try", "[zip]") {
  auto zip = two_entries();
  std::string wanted;
  SECTION("compressed") {
    zip.records[1].method = 8;
    wanted = "compressed";
  }
  SECTION("encrypted") {
    zip.records[1].flags = 1;
    wanted = "encrypted";
  }
  SECTION("two entries over the same bytes") {
    zip.records[1] = zip.records[0];
    zip.records[1].name = "a/data.pkX";
    wanted = "another name";
  }
  SECTION("an entry that reaches into the next") {
    zip.records[0].size = zip.records[0].stored = 200;
    wanted = "overlap";
  }
  SECTION("an entry longer than the file") {
    zip.records[1].size = zip.records[1].stored = 1 << 20;
    wanted = "cut";
  }
  SECTION("an entry that reaches into the directory") {
    zip.records[1].size = zip.records[1].stored = 1040;
    wanted = "directory";
  }
  SECTION("two sizes") {
    zip.records[1].size = 999;
    wanted = "two sizes";
  }
  SECTION("a local header beyond the file") {
    zip.records[1].local = 0x7fffffff;
    wanted = "cut";
  }
  SECTION("one name twice") {
    zip.add("a/data.pkl", "again");
    wanted = "two entries";
  }
  SECTION("a path upwards") {
    zip.add("a/../../etc/passwd", "");
    wanted = "plain relative path";
  }
  SECTION("an absolute path") {
    zip.add("/etc/passwd", "");
    wanted = "plain relative path";
  }
  SECTION("a NUL in a name") {
    zip.add(std::string("a\0b", 3), "");
    wanted = "plain relative path";
  }
  CHECK_THAT(problem(zip.finish()), Catch::Contains(wanted));
}

TEST_CASE("a deflated entry gives what the directory says, or is refused", "[zip]") {
  // One block of deflate, stored (RFC 1951 section 3.2.4): the last, 5 bytes, their complement.
  const std::string deflated("\x01\x05\x00\xfa\xffhello", 10);
  ZipEmitter zip;
  zip.add("a/code.py", deflated);
  zip.records[0].method = 8;
  zip.records[0].size = 5;
  const auto file = zip.finish();
  const auto entries = read_zip(file);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].deflated);
  CHECK(content_of(entries[0], 5) == "hello");
  CHECK_THROWS_WITH(content_of(entries[0], 4), Catch::Matchers::Contains("too long"));
  for (const std::uint64_t other : {4, 6, 100}) {
    auto lying = entries[0];
    lying.size = other;
    CHECK_THROWS_WITH(content_of(lying, 100), Catch::Matchers::Contains("damaged"));
  }
  for (std::size_t size = 0; size < deflated.size(); ++size) {
    auto cut = entries[0];
    cut.bytes = cut.bytes.substr(0, size);
    CHECK_THROWS_WITH(content_of(cut, 100), Catch::Matchers::Contains("damaged"));
  }
  CHECK_THROWS_WITH(read_stored_zip(file), Catch::Matchers::Contains("compressed"));
}

TEST_CASE("what is written as a zip file is read as one", "[zip]") {
  const auto file = write_stored_zip({{"a/b", "one"}, {"a/c", ""}, {"d", std::string(3, 'x')}});
  const auto entries = read_stored_zip(file);
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].name == "a/b");
  CHECK(entries[0].bytes == "one");
  CHECK(entries[1].bytes.empty());
  CHECK(entries[2].bytes == "xxx");
}
