#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "local/local.h"

namespace lotse::local {

/// Writes a container's output in the CRI's format, one line each:
///   2026-11-24T04:13:37.123456789Z stdout F TEXT
/// F: the line is whole; P: it goes on in the next one (longer than 16 KiB, or the stream ended).
class LogWriter {
 public:
  explicit LogWriter(const std::filesystem::path& path);
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  /// `stream` is 0 for stdout, 1 for stderr. Lines of the two never mix.
  void write(int stream, std::string_view bytes);
  /// Writes out what came without a newline at the end.
  void finish();

 private:
  void line(int stream, std::string_view text, bool whole);
  int fd_;
  std::string rest_[2];
};

/// The file's last lines, as far as they lie in its last `most_bytes`.
std::vector<LogLine> last_lines(const std::filesystem::path& path, std::streamoff most_bytes);

/// The text of the file's last lines, at most 80 lines and 2 KiB: what the kubelet takes for the
/// termination message of a container whose terminationMessagePolicy is FallbackToLogsOnError.
std::string end_of_log(const std::filesystem::path& path);

/// Reads such a file piece by piece while it grows.
class LogReader {
 public:
  explicit LogReader(std::filesystem::path path, std::streamoff offset = 0)
      : path_(std::move(path)), offset_(offset) {}
  /// All lines that are whole since the last call; at the `end` also what never got a newline.
  /// Sets time, with nanoseconds, and text of each.
  std::vector<LogLine> read(bool end);

 private:
  std::filesystem::path path_;
  std::streamoff offset_;
  std::string rest_;
  LogLine partial_[2];
};

}  // namespace lotse::local
