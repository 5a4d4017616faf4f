#include "archive/tar_stream.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "base/error.h"
#include "base/files.h"

using namespace lotse;
using archive::TarEntry;
using archive::TarStreamReader;

namespace {

/// Entries and contents of a stream that comes in pieces of `piece` bytes.
std::vector<std::pair<TarEntry, std::string>> read_all(const std::string& stream,
                                                       size_t piece = 7) {
  size_t at = 0;
  TarStreamReader reader([&](char* into, size_t room) {
    const auto count = stream.copy(into, std::min(room, piece), at);
    at += count;
    return count;
  });
  std::vector<std::pair<TarEntry, std::string>> entries;
  while (const auto entry = reader.next()) {
    std::string content;
    char bytes[100];
    while (const auto count = reader.read(bytes, sizeof bytes)) content.append(bytes, count);
    entries.emplace_back(*entry, content);
  }
  return entries;
}

std::string file(const std::string& path, const std::string& content, unsigned mode = 0644) {
  return archive::tar_header({path, false, mode, content.size()}) + content +
         archive::tar_padding(content.size());
}

std::string refusal(const std::string& stream) {
  try {
    read_all(stream);
  } catch (const base::Error& error) {
    CHECK(error.kind() == base::ErrorKind::invalid);
    return error.what();
  }
  return "";
}

/// The header with its type changed, and its checksum made right again.
std::string of_type(char type, std::string header) {
  const auto old = static_cast<unsigned char>(header[156]);
  header[156] = type;
  const long sum = std::strtol(header.substr(148, 6).c_str(), nullptr, 8) - old + type;
  char text[8];
  std::snprintf(text, sizeof text, "%06lo", sum);
  return header.replace(148, 6, text);
}

}  // namespace

TEST_CASE("what is written is read, by us and by tar") {
  const std::string long_path = std::string(120, 'd') + "/" + std::string(90, 'f');
  const std::string stream = archive::tar_header({"a", true, 0755, 0}) + file("a/b", "hello") +
                             file("a/empty", "", 0755) +
                             archive::tar_header({std::string(120, 'd'), true, 0755, 0}) +
                             file(long_path, std::string(1000, 'x')) + archive::tar_end();
  for (const size_t piece : {1UL, 7UL, 512UL, 100'000UL}) {
    const auto entries = read_all(stream, piece);
    REQUIRE(entries.size() == 5);
    CHECK(entries[0].first.folder);
    CHECK(entries[1].first.path == "a/b");
    CHECK(entries[1].second == "hello");
    CHECK(entries[2].first.mode == 0755);
    CHECK(entries[4].first.path == long_path);
    CHECK(entries[4].second == std::string(1000, 'x'));
  }
  const base::TemporaryFolder folder;
  std::ofstream(folder.path() / "x.tar", std::ios::binary) << stream;
  const auto in = folder.path().string();
  REQUIRE(std::system(("tar -C " + in + " -xf " + in + "/x.tar").c_str()) == 0);
  CHECK(base::read_file(folder.path() / "a/b") == "hello");
  CHECK(base::read_file(folder.path() / long_path) == std::string(1000, 'x'));
}

TEST_CASE("what tar writes is read, long names and sizes too") {
  const base::TemporaryFolder folder;
  const auto in = folder.path().string();
  const std::string name(200, 'n');
  std::ofstream(folder.path() / name) << "content";
  REQUIRE(
      std::system(
          ("tar -C " + in + " --format=ustar -cf " + in + "/y.tar x 2>/dev/null; cd " + in +
           " && tar --format=posix --pax-option=delete=atime,delete=ctime,delete=mtime -cf z.tar " +
           name)
              .c_str()) == 0);
  const auto entries = read_all(base::read_file(folder.path() / "z.tar"));
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].first.path == name);
  CHECK(entries[0].second == "content");
  // A size above eight gigabytes needs a pax header; only its head is made here.
  const uint64_t size = 1ULL << 40;
  const auto head = archive::tar_header({"big", false, 0644, size});
  size_t at = 0;
  TarStreamReader reader([&](char* into, size_t room) {
    const auto count = head.copy(into, room, at);
    at += count;
    return count;
  });
  CHECK(reader.next()->size == size);
}

TEST_CASE("paths that leave the folder, links, devices and damage are refused") {
  for (const char* path : {"/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a/.", ".."})
    CHECK_THAT(refusal(file(path, "x") + archive::tar_end()), Catch::Contains("not a path below"));
  const auto header = archive::tar_header({"x", false, 0644, 0});
  CHECK_THAT(refusal(of_type('1', header)), Catch::Contains("x: is a hard link"));
  CHECK_THAT(refusal(of_type('2', header)), Catch::Contains("x: is a symbolic link"));
  CHECK_THAT(refusal(of_type('3', header)), Catch::Contains("a device"));
  CHECK_THAT(refusal(of_type('4', header)), Catch::Contains("a device"));
  CHECK_THAT(refusal(of_type('6', header)), Catch::Contains("a pipe"));
  CHECK_THAT(refusal(of_type('L', header)), Catch::Contains("unknown kind"));
  CHECK_THAT(refusal(of_type('g', header)), Catch::Contains("unknown kind"));
  auto damaged = header;
  damaged[0] = 'y';
  CHECK_THAT(refusal(damaged), Catch::Contains("damaged"));
  const auto whole = file("x", "hello") + archive::tar_end();
  for (size_t cut = 0; cut < whole.size() - 512; cut += 97)
    CHECK_THAT(refusal(whole.substr(0, cut)), Catch::Contains("ends in the middle"));
}

TEST_CASE("safe paths") {
  CHECK(archive::is_safe_path("a"));
  CHECK(archive::is_safe_path("a b/..c/\xc3\xa4"));
  for (const char* path : {"", "/", "/a", "a/", "..", "a/..", "../a", "a/./b"})
    CHECK_FALSE(archive::is_safe_path(path));
  CHECK_FALSE(archive::is_safe_path(std::string("a\0b", 3)));
  CHECK_FALSE(archive::is_safe_path(std::string(4097, 'a')));
}
