#include "local/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "local/time.h"

namespace lotse::local {

namespace {
constexpr size_t longest = 16 * 1024;
constexpr const char* stream_names[] = {"stdout", "stderr"};
}  // namespace

LogWriter::LogWriter(const std::filesystem::path& path) {
  std::filesystem::create_directories(path.parent_path());
  fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd_ < 0) throw base::Error(base::ErrorKind::failed, "cannot write " + path.string());
}

LogWriter::~LogWriter() {
  ::close(fd_);
}

void LogWriter::line(int stream, std::string_view text, bool whole) {
  std::string out = nano_timestamp() + " " + stream_names[stream] + (whole ? " F " : " P ");
  out.append(text);
  out += '\n';
  // A full disk loses lines, not the workload.
  for (std::string_view left = out; !left.empty();) {
    const ssize_t written = ::write(fd_, left.data(), left.size());
    if (written < 0 && errno != EINTR) return;
    if (written > 0) left.remove_prefix(static_cast<size_t>(written));
  }
}

void LogWriter::write(int stream, std::string_view bytes) {
  std::string& rest = rest_[stream];
  for (size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    rest.append(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
    std::string_view text = rest;
    for (; text.size() > longest; text.remove_prefix(longest))
      line(stream, text.substr(0, longest), false);
    line(stream, text, true);
    rest.clear();
  }
  rest.append(bytes);
  for (; rest.size() > longest; rest.erase(0, longest))
    line(stream, std::string_view(rest).substr(0, longest), false);
}

void LogWriter::finish() {
  for (int stream : {0, 1}) {
    if (!rest_[stream].empty()) line(stream, rest_[stream], false);
    rest_[stream].clear();
  }
}

std::vector<LogLine> last_lines(const std::filesystem::path& path, std::streamoff most_bytes) {
  std::error_code ignored;
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path, ignored));
  const auto offset = ignored ? 0 : std::max<std::streamoff>(0, size - most_bytes);
  auto lines = LogReader(path, offset).read(true);
  if (offset > 0 && !lines.empty()) lines.erase(lines.begin());  // its beginning is missing
  return lines;
}

std::string end_of_log(const std::filesystem::path& path) {
  constexpr size_t most_lines = 80;
  constexpr size_t most_bytes = 2048;
  constexpr std::streamoff enough = 8192;  // for that and what stands before each line's text
  const auto lines = last_lines(path, enough);
  std::string text;
  for (size_t i = lines.size() - std::min(lines.size(), most_lines); i < lines.size(); ++i)
    text += lines[i].text + "\n";
  if (text.size() > most_bytes) text.erase(0, text.size() - most_bytes);
  return text;
}

std::vector<LogLine> LogReader::read(bool end) {
  std::vector<LogLine> lines;
  std::ifstream file(path_, std::ios::binary);
  if (file && file.seekg(offset_)) {
    const std::string fresh{std::istreambuf_iterator<char>(file), {}};
    offset_ += static_cast<std::streamoff>(fresh.size());
    rest_ += fresh;
  }
  size_t begin = 0;
  for (size_t stop = rest_.find('\n'); stop != std::string::npos; stop = rest_.find('\n', begin)) {
    const std::string raw = rest_.substr(begin, stop - begin);
    begin = stop + 1;
    const size_t space = raw.find(' ');
    if (space == std::string::npos || raw.size() < space + 10) continue;
    LogLine& line = partial_[raw.compare(space + 1, 6, "stderr") == 0 ? 1 : 0];
    if (line.time.empty()) {
      line.time = raw.substr(0, space);
    }
    line.text += raw.substr(space + 10);
    if (raw[space + 8] == 'F') lines.push_back(std::exchange(line, {}));
  }
  rest_.erase(0, begin);
  for (LogLine& line : partial_)
    if (end && !line.time.empty()) lines.push_back(std::exchange(line, {}));
  return lines;
}

}  // namespace lotse::local
