#include "transfer/transfer.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "archive/tar_stream.h"
#include "base/error.h"
#include "base/files.h"
#include "crypto/digest.h"
#include "transfer/folder.h"

using namespace lotse;
namespace fs = std::filesystem;
using nlohmann::json;
using transfer::DescriptorPipe;
using transfer::Result;

namespace {

const transfer::ProgressSink silent = [](const transfer::Progress&) {};

void put(const fs::path& file, const std::string& content) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << content;
}

/// Lets both sides talk over a pair of sockets; what each of them threw, or "".
struct Talk {
  std::string left_error;
  std::string right_error;
  base::ErrorKind left_kind{};
  base::ErrorKind right_kind{};

  Talk(const std::function<void(transfer::Pipe&)>& left,
       const std::function<void(transfer::Pipe&)>& right) {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    std::thread other([&] { run(right, ends[1], right_error, right_kind); });
    run(left, ends[0], left_error, left_kind);
    other.join();
    ::close(ends[0]);
    ::close(ends[1]);
  }

 private:
  static void run(const std::function<void(transfer::Pipe&)>& side, int fd, std::string& error,
                  base::ErrorKind& kind) {
    try {
      DescriptorPipe pipe(fd, fd);
      side(pipe);
    } catch (const base::Error& thrown) {
      error = thrown.what();
      kind = thrown.kind();
    }
    ::shutdown(fd, SHUT_RDWR);
  }
};

struct Copied {
  Result sent;
  Result received;
};

Copied copy(const fs::path& from, const std::string& what, const fs::path& to,
            const std::string& inside) {
  Copied copied;
  const Talk talk(
      [&](auto& pipe) { copied.sent = transfer::send(from, what, pipe, silent); },
      [&](auto& pipe) { copied.received = transfer::receive(to, inside, pipe, silent); });
  CHECK(talk.left_error.empty());
  CHECK(talk.right_error.empty());
  return copied;
}

/// What a receiver says to a sender that speaks by hand.
std::string refusal(const fs::path& to, const std::string& manifest,
                    const std::string& stream = "") {
  const Talk talk(
      [&](auto& pipe) {
        pipe.write(manifest);
        transfer::LineReader lines(pipe);
        if (stream.empty()) return;
        lines.line(10'000);
        pipe.write(stream);
      },
      [&](auto& pipe) { transfer::receive(to, "", pipe, silent); });
  return talk.right_error;
}

std::string manifest_of(const std::vector<json>& entries) {
  std::string text = json{{"lotse-files", 1}, {"entries", entries.size()}}.dump() + "\n";
  for (const auto& entry : entries) text += entry.dump() + "\n";
  return text;
}

json file_entry(const std::string& path, const std::string& content) {
  return {{"path", path}, {"size", content.size()}, {"sha256", crypto::sha256(content)}};
}

std::string tar_file(const std::string& path, const std::string& content) {
  return archive::tar_header({path, false, 0644, content.size()}) + content +
         archive::tar_padding(content.size());
}

bool is_executable(const fs::path& file) {
  return (fs::status(file).permissions() & fs::perms::owner_exec) != fs::perms::none;
}

int unfinished_in(const fs::path& folder) {
  int count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    count += entry.path().filename().string().starts_with(".lotse-partial-") ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("a tree arrives equal; what is there already is not sent again") {
  const base::TemporaryFolder from;
  const base::TemporaryFolder to;
  const std::string binary("\0\xff\n\r", 4);
  put(from.path() / "a/b/c.bin", binary);
  put(from.path() / "a/empty", "");
  put(from.path() / "\xc3\xa4 b", std::string(3'000'000, 'x'));
  put(from.path() / "run", "#!");
  fs::permissions(from.path() / "run", fs::perms::owner_all);
  fs::create_directories(from.path() / "hollow/inner");
  const auto there = to.path() / "new/place";

  auto copied = copy(from.path(), "", to.path(), "new/place");
  CHECK(copied.sent.files == 4);
  CHECK(copied.sent.sent_files == 4);
  CHECK(copied.received.bytes == 3'000'006);
  CHECK(base::read_file(there / "a/b/c.bin") == binary);
  CHECK(base::read_file(there / "a/empty").empty());
  CHECK(base::read_file(there / "\xc3\xa4 b") == std::string(3'000'000, 'x'));
  CHECK(fs::is_directory(there / "hollow/inner"));
  CHECK(is_executable(there / "run"));
  CHECK_FALSE(is_executable(there / "a/empty"));

  copied = copy(from.path(), "", to.path(), "new/place");
  CHECK(copied.sent.sent_files == 0);
  CHECK(copied.received.sent_bytes == 0);

  put(there / "a/b/c.bin", "\1\2\3\4");  // of the same size
  put(there / "other", "stays");
  copied = copy(from.path(), "", to.path(), "new/place");
  CHECK(copied.sent.sent_files == 1);
  CHECK(base::read_file(there / "a/b/c.bin") == binary);
  CHECK(base::read_file(there / "other") == "stays");
  CHECK(unfinished_in(to.path()) == 0);
}

TEST_CASE("one file alone, and a folder within another") {
  const base::TemporaryFolder from;
  const base::TemporaryFolder to;
  put(from.path() / "train/weights/best", "weights");
  put(from.path() / "train/weights/last", "older");
  copy(from.path(), "train/weights/best", to.path(), "");
  CHECK(base::read_file(to.path() / "best") == "weights");
  CHECK_FALSE(fs::exists(to.path() / "last"));
  copy(from.path(), "train", to.path(), "");
  CHECK(base::read_file(to.path() / "weights/last") == "older");
  const Talk talk([&](auto& pipe) { transfer::send(from.path(), "train/nothing", pipe, silent); },
                  [](auto&) {});
  CHECK_THAT(talk.left_error, Catch::Contains("cannot find") && Catch::Contains("train/nothing"));
  CHECK(talk.left_kind == base::ErrorKind::invalid);
}

TEST_CASE("a sender refuses links, devices and pipes, all of them at once") {
  const base::TemporaryFolder from;
  put(from.path() / "a/file", "x");
  fs::create_symlink("/etc/passwd", from.path() / "a/link");
  fs::create_directory_symlink("/etc", from.path() / "etc");
  REQUIRE(::mkfifo((from.path() / "pipe").c_str(), 0600) == 0);
  Talk talk([&](auto& pipe) { transfer::send(from.path(), "", pipe, silent); }, [](auto&) {});
  CHECK(talk.left_kind == base::ErrorKind::invalid);
  CHECK_THAT(talk.left_error, Catch::Contains("a/link: is a symbolic link") &&
                                  Catch::Contains("etc: is a symbolic link") &&
                                  Catch::Contains("pipe: is a pipe"));
  // Nor does it follow one on the way to what was asked for.
  Talk through([&](auto& pipe) { transfer::send(from.path(), "etc/hostname", pipe, silent); },
               [](auto&) {});
  CHECK_THAT(through.left_error, Catch::Contains("symbolic link"));
  Talk out([&](auto& pipe) { transfer::send(from.path(), "../x", pipe, silent); }, [](auto&) {});
  CHECK(out.left_kind == base::ErrorKind::invalid);
}

TEST_CASE("a receiver follows no link that lies in its folder, and writes nothing beside it") {
  const base::TemporaryFolder from;
  const base::TemporaryFolder to;
  const base::TemporaryFolder victim;
  put(from.path() / "sub/file", "evil");
  fs::create_directory_symlink(victim.path(), to.path() / "sub");
  Talk talk([&](auto& pipe) { transfer::send(from.path(), "", pipe, silent); },
            [&](auto& pipe) { transfer::receive(to.path(), "", pipe, silent); });
  CHECK_THAT(talk.right_error, Catch::Contains("sub: is not a folder, or only a symbolic link"));
  CHECK(talk.right_kind == base::ErrorKind::invalid);
  CHECK(fs::is_empty(victim.path()));
  fs::remove(to.path() / "sub");
  fs::create_directory(to.path() / "sub");
  put(victim.path() / "target", "safe");
  fs::create_symlink(victim.path() / "target", to.path() / "sub/file");
  Talk file([&](auto& pipe) { transfer::send(from.path(), "", pipe, silent); },
            [&](auto& pipe) { transfer::receive(to.path(), "", pipe, silent); });
  CHECK_THAT(file.right_error, Catch::Contains("sub/file: is a symbolic link here"));
  CHECK(base::read_file(victim.path() / "target") == "safe");
  Talk inside([&](auto& pipe) { transfer::send(from.path(), "", pipe, silent); },
              [&](auto& pipe) { transfer::receive(to.path(), "../x", pipe, silent); });
  CHECK(inside.right_kind == base::ErrorKind::invalid);
}

TEST_CASE("a receiver takes nothing that was not announced, nor other content than announced") {
  const base::TemporaryFolder to;
  const auto announced = manifest_of({file_entry("x", "hello")});
  CHECK_THAT(refusal(to.path(), announced, tar_file("x", "hellO")),
             Catch::Contains("x: what came is not what its checksum says"));
  CHECK_THAT(refusal(to.path(), announced, tar_file("y", "hello")),
             Catch::Contains("x: was announced"));
  CHECK_THAT(refusal(to.path(), announced, tar_file("x", "hello!")),
             Catch::Contains("x: was announced"));
  CHECK_THAT(refusal(to.path(), announced, tar_file("../x", "hello")),
             Catch::Contains("not a path"));
  CHECK_THAT(refusal(to.path(), announced, tar_file("x", "hello").substr(0, 514)),
             Catch::Contains("ends in the middle"));
  CHECK_THAT(refusal(to.path(), announced, tar_file("x", "hello") + tar_file("z", "more")),
             Catch::Contains("more than was announced"));
  CHECK_FALSE(fs::exists(to.path() / "y"));
  CHECK_FALSE(fs::exists(to.path() / "z"));
  CHECK(unfinished_in(to.path()) == 0);
}

TEST_CASE("a manifest that is wrong in any way is refused before anything is made") {
  const base::TemporaryFolder to;
  const auto one = [&](const json& entry) { return refusal(to.path(), manifest_of({entry})); };
  for (const char* path : {"../x", "/x", "", "a//b", "a/../b", "."})
    CHECK_THAT(one(file_entry(path, "x")), Catch::Contains("is not a path below the folder"));
  CHECK_THAT(one(file_entry("a/b", "x")), Catch::Contains("lies in no folder"));
  CHECK_THAT(one({{"path", "x"}, {"size", 1}}), Catch::Contains("has no checksum"));
  CHECK_THAT(one({{"path", "x"}, {"size", 1}, {"sha256", std::string(64, 'G')}}),
             Catch::Contains("has no checksum"));
  CHECK_THAT(one({{"path", 7}}), Catch::Contains("not understood"));
  CHECK_THAT(one({{"path", "x"}, {"size", "big"}, {"sha256", ""}}),
             Catch::Contains("not understood"));
  CHECK_THAT(refusal(to.path(), manifest_of({file_entry("x", "1"), file_entry("x", "2")})),
             Catch::Contains("comes twice"));
  CHECK_THAT(refusal(to.path(), "{\"lotse-files\":2,\"entries\":0}\n"), Catch::Contains("version"));
  CHECK_THAT(refusal(to.path(), "{\"lotse-files\":1,\"entries\":-1}\n"),
             Catch::Contains("how many"));
  CHECK_THAT(refusal(to.path(), "SSH-2.0\n"), Catch::Contains("does not speak this protocol"));
  CHECK_THAT(refusal(to.path(), std::string(200'000, 'x')), Catch::Contains("too long"));
  CHECK_THAT(refusal(to.path(), "{\"lotse-files\":1,"), Catch::Contains("ended too early"));
  CHECK(fs::is_empty(to.path()));
}

TEST_CASE("a sender sends only what it offered") {
  const base::TemporaryFolder from;
  put(from.path() / "x", "hello");
  fs::create_directory(from.path() / "y");
  for (const char* wish : {"{\"wanted\":[2]}\n", "{\"wanted\":[0,0]}\n", "{\"wanted\":[1]}\n",
                           "{\"wanted\":\"x\"}\n", "{}\n"}) {
    Talk talk([&](auto& pipe) { transfer::send(from.path(), "", pipe, silent); },
              [&](auto& pipe) {
                transfer::LineReader lines(pipe);
                for (int i = 0; i < 3; ++i) lines.line(10'000);
                pipe.write(wish);
              });
    INFO(wish);
    CHECK(talk.left_kind == base::ErrorKind::invalid);
    CHECK_THAT(talk.left_error, Catch::StartsWith("the other side"));
  }
}

TEST_CASE("a transfer that is cut anywhere leaves whole files, and the next one goes on") {
  const base::TemporaryFolder from;
  const base::TemporaryFolder to;
  for (int i = 0; i < 20; ++i)
    put(from.path() / ("file" + std::to_string(i)),
        std::string(50'000, static_cast<char>('a' + i)));
  uint64_t files_before = 0;
  for (uint64_t cut = 100'000; cut < 900'000; cut += 200'000) {
    uint64_t passed = 0;
    Talk talk(
        [&](auto& pipe) {
          transfer::send(from.path(), "", pipe, [&](const auto& progress) {
            if (progress.phase != transfer::Progress::Phase::send) return;
            passed = progress.done;
            if (passed > 100'000) throw base::Error(base::ErrorKind::failed, "cut");
          });
        },
        [&](auto& pipe) { transfer::receive(to.path(), "", pipe, silent); });
    CHECK(talk.left_error == "cut");
    CHECK_FALSE(talk.right_error.empty());
    CHECK(unfinished_in(to.path()) == 0);
    uint64_t files = 0;
    for (const auto& entry : fs::directory_iterator(to.path())) {
      ++files;
      CHECK(base::read_file(entry.path()) ==
            base::read_file(from.path() / entry.path().filename()));
    }
    CHECK(files > files_before);
    files_before = files;
  }
  const auto copied = copy(from.path(), "", to.path(), "");
  CHECK(copied.sent.sent_files == 20 - files_before);
}

TEST_CASE("what a killed transfer left is taken away by the next, and never sent") {
  const base::TemporaryFolder from;
  const base::TemporaryFolder to;
  put(from.path() / "x", "hello");
  put(from.path() / ".lotse-partial-0123456789abcdef", "half");
  put(to.path() / (".lotse-partial-" + crypto::sha256("x").substr(0, 16)), "hal");
  const auto copied = copy(from.path(), "", to.path(), "");
  CHECK(copied.sent.files == 1);
  CHECK(unfinished_in(to.path()) == 0);
  CHECK(base::read_file(to.path() / "x") == "hello");
}

TEST_CASE("a file that changes while it is sent is not taken for whole") {
  const base::TemporaryFolder from;
  const base::TemporaryFolder to;
  put(from.path() / "x", std::string(100, 'x'));
  for (const auto size : {50UL, 100UL, 150UL}) {
    put(from.path() / "x", std::string(100, 'x'));
    Talk talk(
        [&](auto& pipe) {
          transfer::send(from.path(), "", pipe, [&](const auto& progress) {
            if (progress.phase == transfer::Progress::Phase::check)
              put(from.path() / "x", std::string(size, 'y'));
          });
        },
        [&](auto& pipe) { transfer::receive(to.path(), "", pipe, silent); });
    CHECK_FALSE(talk.left_error.empty());
    CHECK_FALSE(talk.right_error.empty());
    CHECK_FALSE(fs::exists(to.path() / "x"));
  }
}
