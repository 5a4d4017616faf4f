#include "checkpoint/scan.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "archive/zip.h"
#include "base/error.h"
#include "base/strings.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/mapped_file.h"
#include "checkpoint/pickle.h"
#include "checkpoint/torchscript.h"
#include "crypto/base64.h"

namespace lotse::checkpoint {

namespace {

constexpr std::uint64_t longest_member = std::uint64_t{64} << 20;
constexpr int deepest = 4;  ///< pickles within pickles
constexpr std::size_t most_findings = 1000;

bool begins_as_pickle(std::string_view bytes) {
  return bytes.size() > 3 && bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5;
}

std::string from_hex(std::string_view text) {
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return "";
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

class Scanning {
 public:
  explicit Scanning(Scan& scan) : scan_(scan) {}

  /// One pickle after the other, as torch's old form has them; what follows may be tensors. Returns
  /// why the first one cannot be read, "" if it can.
  std::string pickles(std::string_view bytes, const std::string& member, int depth = 0) {
    std::string problem;
    for (std::size_t at = 0; at < bytes.size();) {
      const auto one = scan_pickle(bytes.substr(at));
      if (at > 0 && !one.problem.empty() && one.findings.empty()) break;
      for (auto finding : one.findings) {
        finding.member = member;
        if (at > 0) finding.place += base::cat(" of the pickle at byte ", at);
        add(std::move(finding));
      }
      for (const auto& text : one.texts) within(text, member, depth);
      if (!one.problem.empty()) {
        problem = one.problem;
        break;
      }
      at += one.size;
    }
    return problem;
  }

  /// Members that are pickles by their names must be readable, others that look like one may be.
  /// `checked`: data.pkl and constants.pkl have been read already.
  void members(std::string_view file, bool checked) {
    std::string problem;
    bool any = false;
    for (const auto& entry : archive::read_zip(file)) {
      const auto name = base::lower(entry.name);
      const bool named =
          name.ends_with(".pkl") || name.ends_with(".pickle") || name.ends_with(".debug_pkl");
      any = any || named;
      if (checked && (name.ends_with("/data.pkl") || name.ends_with("/constants.pkl"))) continue;
      if (!named && !begins_as_pickle(entry.bytes) && !entry.deflated) continue;
      if (!named && entry.size > longest_member) continue;
      const auto content = entry.deflated ? archive::content_of(entry, longest_member) : "";
      const auto bytes = entry.deflated ? std::string_view(content) : entry.bytes;
      if (!named && !begins_as_pickle(bytes)) continue;
      const auto wrong = pickles(bytes, entry.name);
      if (named && !wrong.empty()) problem = entry.name + ": " + wrong;
    }
    if (!problem.empty()) refuse(problem);
    if (!any) refuse("the zip file holds no pickle: torch.save did not write it");
  }

  void add(Finding finding) {
    const auto key = std::tuple(finding.member, finding.what, finding.why);
    if (scan_.findings.size() < most_findings && seen_.insert(key).second)
      scan_.findings.push_back(std::move(finding));
  }

  /// Something that cannot be read matters only where nothing was found in what can.
  void refuse(const std::string& problem) {
    if (scan_.findings.empty()) throw base::Error(base::ErrorKind::invalid, problem);
  }

 private:
  /// A text that is a pickle waits for somebody to load it.
  void within(const std::string& text, const std::string& member, int depth) {
    if (depth == deepest) return;
    std::string bytes;
    if (begins_as_pickle(text)) {
      bytes = text;
    } else if (text.starts_with("800")) {
      bytes = from_hex(text);
    } else if (text.starts_with("gA")) {
      bytes = crypto::base64_decode(text).value_or("");
    }
    if (!begins_as_pickle(bytes) || !scan_pickle(bytes).problem.empty()) return;
    add({member, "a pickle in a text", "a value", "would wait there to be loaded"});
    pickles(bytes, member, depth + 1);
  }

  Scan& scan_;
  std::set<std::tuple<std::string, std::string, std::string>> seen_;
};

void scan_bytes(const std::filesystem::path& path, std::string_view bytes, Scan& scan) {
  Scanning scanning(scan);
  if (bytes.starts_with("PK")) {
    const bool torchscript = is_torchscript(bytes);
    scan.kind = torchscript ? "torchscript" : "pt";
    if (!torchscript) return scanning.members(bytes, false);
    std::string problem;
    try {
      for (auto& finding : scan_torchscript(bytes)) scanning.add(std::move(finding));
    } catch (const base::Error& error) {
      problem = error.what();
    }
    // The two pickles that a module is made of have been read as such, unless that failed.
    scanning.members(bytes, problem.empty());
    if (!problem.empty()) scanning.refuse(problem);
    return;
  }
  if (bytes.size() > 8 && bytes[8] == '{') {
    scan.kind = "safetensors";
    read_safetensors(path);
    return;
  }
  scan.kind = "pickle";
  if (bytes.empty()) return scanning.refuse("the file is empty");
  const auto problem = scanning.pickles(bytes, "");
  if (!problem.empty()) scanning.refuse("no weights file or pickle that is known here: " + problem);
}

}  // namespace

Scan scan(const std::filesystem::path& path) {
  const MappedFile file(path);
  Scan result;
  try {
    scan_bytes(path, file.bytes(), result);
  } catch (base::Error& error) {
    if (std::string_view(error.what()).find(path.string()) == std::string_view::npos)
      error.add_context(path.string());
    throw;
  }
  return result;
}

}  // namespace lotse::checkpoint
