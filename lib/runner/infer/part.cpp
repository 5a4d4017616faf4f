#include "runner/infer/part.h"

#include <fstream>

#include "base/error.h"

namespace lotse::runner::infer {

namespace fs = std::filesystem;

namespace {

/// With its newline; "" if there is none.
std::string last_line(std::ifstream& file) {
  constexpr std::streamoff step = 4096;
  file.seekg(0, std::ios::end);
  std::streamoff at = file.tellg();
  std::string text;
  while (at > 0 && (text.size() < 2 || text.rfind('\n', text.size() - 2) == std::string::npos)) {
    const auto count = std::min(step, at);
    at -= count;
    std::string before(static_cast<size_t>(count), '\0');
    file.seekg(at);
    if (!file.read(before.data(), count)) return "";
    text = before + text;
  }
  if (!text.ends_with('\n')) return "";
  const auto newline = text.size() < 2 ? std::string::npos : text.rfind('\n', text.size() - 2);
  return newline == std::string::npos ? text : text.substr(newline + 1);
}

}  // namespace

int64_t index_in(const std::string& line) {
  const auto document = nlohmann::json::parse(line, nullptr, false);
  const auto index = document.is_object() ? document.find("index") : document.end();
  return index != document.end() && index->is_number_integer() ? index->get<int64_t>() : -1;
}

Part::Part(const fs::path& file, const Share& share, int64_t batch)
    : file_(file), next_(share.first) {
  keep(file, share, batch);
  file_.replace();
}

void Part::keep(const fs::path& before, const Share& share, int64_t batch) {
  std::ifstream lines(before, std::ios::binary);
  std::string line, group;
  for (auto index = share.first; index < share.end; ++index) {
    const bool whole = std::getline(lines, line) && !lines.eof() && index_in(line) == index;
    if (!whole) return;
    group += line + "\n";
    if ((index + 1) % batch != 0 && index + 1 != share.end) continue;
    file_.write(group);
    group.clear();
    next_ = index + 1;
  }
}

void Part::append(const std::vector<nlohmann::ordered_json>& lines) {
  if (!file_.is_in_place())
    throw base::Error(base::ErrorKind::peer_lost, "another process has taken this share over");
  std::string text;
  for (const auto& line : lines)
    text += line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  file_.write(text);
  next_ += static_cast<int64_t>(lines.size());
}

bool is_complete(const fs::path& file, const Share& share) {
  std::ifstream lines(file, std::ios::binary);
  if (!lines) return false;
  return share.size() == 0 || index_in(last_line(lines)) == share.end - 1;
}

}  // namespace lotse::runner::infer
