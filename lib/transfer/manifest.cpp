#include "transfer/manifest.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "archive/tar_stream.h"
#include "base/error.h"
#include "base/strings.h"

namespace lotse::transfer {

namespace {

using nlohmann::json;

constexpr int version = 1;
constexpr std::size_t longest_line = 65536;
constexpr std::size_t longest_list = std::size_t{256} << 20;
constexpr std::size_t most_entries = 20'000'000;
constexpr std::size_t digits_of_sha256 = 64;

[[noreturn]] void refuse(const std::string& what, const std::string& why) {
  throw base::Error({{what, why, ""}});
}

json parse(const std::string& line) {
  json value = json::parse(line, nullptr, false);
  if (!value.is_object()) refuse("the other side", "does not speak this protocol");
  return value;
}

bool is_sha256(const std::string& text) {
  return text.size() == digits_of_sha256 &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Refuses names that are not UTF-8: JSON cannot hold them.
std::string line_of(const Entry& entry) {
  json value = {{"path", entry.path}};
  if (entry.folder) {
    value["folder"] = true;
  } else {
    value["size"] = entry.size;
    value["sha256"] = entry.sha256;
    if (entry.executable) value["executable"] = true;
  }
  try {
    return value.dump() + "\n";
  } catch (const json::exception&) {
    refuse(entry.path, "is a name that is not UTF-8");
  }
}

Entry entry_of(const std::string& line) {
  const json value = parse(line);
  Entry entry;
  try {
    entry = {value.at("path"), value.value("folder", false), value.value("executable", false),
             value.value("size", uint64_t{0}), value.value("sha256", "")};
  } catch (const json::exception&) {
    refuse("manifest", "an entry is not understood: " + line.substr(0, 80));
  }
  if (!archive::is_safe_path(entry.path)) refuse(entry.path, "is not a path below the folder");
  if (!entry.folder && !is_sha256(entry.sha256)) refuse(entry.path, "has no checksum");
  return entry;
}

/// Checks that each path comes once, and behind the folder that it lies in.
void check_place(const Entry& entry, std::unordered_map<std::string, bool>& seen) {
  const auto slash = entry.path.rfind('/');
  if (slash != std::string::npos) {
    const auto around = seen.find(entry.path.substr(0, slash));
    if (around == seen.end() || !around->second)
      refuse(entry.path, "lies in no folder of the manifest");
  }
  if (!seen.emplace(entry.path, entry.folder).second) refuse(entry.path, "comes twice");
}

}  // namespace

uint64_t bytes_of(const Manifest& manifest) {
  uint64_t bytes = 0;
  for (const auto& entry : manifest) bytes += entry.size;
  return bytes;
}

void write_manifest(const Manifest& manifest, Pipe& pipe) {
  constexpr std::size_t piece = 65536;
  std::string text = json{{"lotse-files", version}, {"entries", manifest.size()}}.dump() + "\n";
  for (const auto& entry : manifest) {
    text += line_of(entry);
    if (text.size() < piece) continue;
    pipe.write(text);
    text.clear();
  }
  pipe.write(text);
}

Manifest read_manifest(LineReader& lines) {
  const json head = parse(lines.line(longest_line));
  if (!head.contains("lotse-files") || head["lotse-files"] != version)
    refuse("the other side",
           "speaks another version of this protocol: use equal versions of lotse and its image");
  if (!head.contains("entries") || !head["entries"].is_number_unsigned())
    refuse("manifest", "does not say how many entries there are");
  const auto count = head["entries"].get<std::size_t>();
  if (count > most_entries) refuse("manifest", base::cat(count, " entries are too many"));
  Manifest manifest;
  std::unordered_map<std::string, bool> seen;
  while (manifest.size() < count) {
    manifest.push_back(entry_of(lines.line(longest_line)));
    check_place(manifest.back(), seen);
  }
  return manifest;
}

void write_wanted(const std::vector<std::size_t>& wanted, Pipe& pipe) {
  pipe.write(json{{"wanted", wanted}}.dump() + "\n");
}

std::vector<std::size_t> read_wanted(LineReader& lines, const Manifest& manifest) {
  const json answer = parse(lines.line(longest_list));
  std::vector<std::size_t> wanted;
  try {
    wanted = answer.at("wanted").get<std::vector<std::size_t>>();
  } catch (const json::exception&) {
    refuse("the other side", "does not say which files it wants");
  }
  const bool ascending =
      std::adjacent_find(wanted.begin(), wanted.end(), std::greater_equal<>()) == wanted.end();
  const bool files = std::all_of(wanted.begin(), wanted.end(), [&](std::size_t at) {
    return at < manifest.size() && !manifest[at].folder;
  });
  if (!ascending || !files) refuse("the other side", "wants files that were not offered");
  return wanted;
}

}  // namespace lotse::transfer
