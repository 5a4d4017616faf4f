#include <catch2/catch.hpp>
#include <random>

#include "base/strings.h"
#include "kube/logs.h"

using namespace lotse;

namespace {

/// What the kubelet sends for sinceTime: the lines of that whole second and later, in file order.
std::string since(const std::vector<std::string>& file, const std::string& time) {
  std::string text;
  for (const auto& line : file)
    if (time.empty() || line.substr(0, 19) >= time.substr(0, 19)) text += line + "\n";
  return text;
}

std::vector<std::string> random_log(std::mt19937& random, int lines) {
  std::vector<std::string> file;
  long nanos = 0;
  for (int i = 0; i < lines; ++i) {
    nanos += static_cast<long>(random() % 3) * 200'000'000L * static_cast<long>(random() % 2);
    // Some lines are equal to the byte, some lie a little before the line above.
    const long at = nanos - (random() % 8 == 0 ? std::min(nanos, 1'000'000L) : 0);
    char text[80];
    std::snprintf(text, sizeof text, "2026-11-24T12:%02ld:%02ld.%09ldZ text %d \xc3\xa4",
                  at / 60'000'000'000L, at / 1'000'000'000L % 60, at % 1'000'000'000L,
                  static_cast<int>(random() % 3));
    file.emplace_back(text);
  }
  return file;
}

}  // namespace

TEST_CASE("a log cut 1,000 times at any byte: no line is lost, none comes twice") {
  std::mt19937 random(7);
  int cuts = 0;
  while (cuts < 1000) {
    const auto file = random_log(random, 200);
    kube::LogCursor cursor;
    std::vector<std::string> got;
    const kube::LogCursor::Sink sink = [&](const std::string& time, const std::string& text) {
      got.push_back(time + " " + text);
    };
    const kube::LogCursor::Lost lost = [](const auto&, const auto&) { FAIL("nothing was lost"); };
    for (int streams = 0; streams < 20; ++streams, ++cuts) {
      const auto text = since(file, cursor.resume_at());
      cursor.feed(std::string_view(text).substr(0, random() % (text.size() / 4 + 1)), sink, lost);
      cursor.end(false, sink);
    }
    const auto text = since(file, cursor.resume_at());
    for (size_t at = 0; at < text.size(); at += 37) cursor.feed(text.substr(at, 37), sink, lost);
    cursor.end(true, sink);
    REQUIRE(got == file);
  }
}

TEST_CASE("a last line without newline counts where the stream was whole") {
  std::vector<std::string> got;
  const kube::LogCursor::Sink sink = [&](const std::string&, const std::string& text) {
    got.push_back(text);
  };
  kube::LogCursor cursor;
  cursor.feed("2026-11-24T12:00:00.000000000Z one\n2026-11-24T12:00:01.000000000Z tw", sink);
  cursor.end(false, sink);
  CHECK(got == std::vector<std::string>{"one"});
  cursor.feed("2026-11-24T12:00:00.000000000Z one\n2026-11-24T12:00:01.000000000Z two", sink);
  cursor.end(true, sink);
  CHECK(got == std::vector<std::string>{"one", "two"});
}

TEST_CASE("lines of standard error that come late in a running stream are not lost") {
  std::vector<std::string> got;
  kube::LogCursor cursor;
  cursor.feed("2026-11-24T12:00:09.000000002Z out\n2026-11-24T12:00:09.000000001Z err\n",
              [&](const std::string&, const std::string& text) { got.push_back(text); });
  CHECK(got == std::vector<std::string>{"out", "err"});
}

TEST_CASE(
    "a log that was rotated between two streams: the loss is told, once, before what follows") {
  std::vector<std::string> got;
  const kube::LogCursor::Sink sink = [&](const std::string&, const std::string& text) {
    got.push_back(text);
  };
  const kube::LogCursor::Lost lost = [&](const std::string& after, const std::string& before) {
    got.push_back("lost " + after + " " + before);
  };
  kube::LogCursor cursor;
  cursor.feed("2026-11-24T12:00:00.1Z one\n2026-11-24T12:00:01.2Z two\n", sink, lost);
  cursor.end(false, sink);
  cursor.feed("2026-11-24T12:00:07.5Z eight\n2026-11-24T12:00:08.5Z nine\n", sink, lost);
  cursor.end(false, sink);
  cursor.feed(
      "2026-11-24T12:00:07.5Z eight\n2026-11-24T12:00:08.5Z nine\n2026-11-24T12:00:09.1Z ten\n",
      sink, lost);
  cursor.end(false, sink);
  // Another process of the container repeats nothing, and nothing is lost.
  cursor.begin_another();
  cursor.feed("2026-11-24T12:00:20.1Z eleven\n", sink, lost);
  CHECK(got == std::vector<std::string>{"one", "two",
                                        "lost 2026-11-24T12:00:01.2Z 2026-11-24T12:00:07.5Z",
                                        "eight", "nine", "ten", "eleven"});
}

TEST_CASE("a tail that is cut: the lines before it stay left out") {
  const std::string before = "2026-11-24T12:00:00.1Z one\n2026-11-24T12:00:00.2Z two\n";
  const std::string tail = "2026-11-24T12:00:00.3Z three\n";
  std::vector<std::string> got;
  const kube::LogCursor::Sink sink = [&](const std::string&, const std::string& text) {
    got.push_back(text);
  };
  const kube::LogCursor::Lost lost = [&](const auto&, const auto&) { got.emplace_back("lost"); };
  kube::LogCursor cursor(true);
  cursor.feed(tail, sink, lost);
  cursor.end(false, sink);
  cursor.feed(before + tail + "2026-11-24T12:00:00.4Z four\n", sink, lost);
  CHECK(got == std::vector<std::string>{"three", "four"});
}

TEST_CASE("what the kubelet says among the lines is no line") {
  kube::LogCursor cursor;
  std::vector<std::string> got;
  cursor.feed(
      "2026-11-24T12:00:00.1Z one\nunable to retrieve container logs for containerd://7\n"
      "2026-11-24T12:00:01.1Z two\n",
      [&](const std::string&, const std::string& text) { got.push_back(text); });
  CHECK(got == std::vector<std::string>{"one", "two"});
}
