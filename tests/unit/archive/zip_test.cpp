#include "archive/zip.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "unit/checkpoint/emitter.h"

using lotse::archive::read_stored_zip;
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
