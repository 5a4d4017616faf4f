#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "document/document.h"
#include "support/conformance.h"

using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// From the folder's name of each listed case, its identifier or its title, to its identifier.
std::map<std::string, std::string> listed_differences() {
  std::map<std::string, std::string> identifiers;
  std::istringstream lines(
      lotse::base::read_file("tests/unit/document/yaml_suite_differences.txt"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string identifier, title;
    if (line.substr(0, 1) != "#" && words >> identifier >> title)
      identifiers[identifier] = identifiers[title] = identifier;
  }
  return identifiers;
}

/// The documents of in.json, which follow each other without anything between them.
std::vector<json> wanted(const fs::path& file) {
  std::vector<json> documents;
  std::istringstream text(lotse::base::read_file(file));
  for (text >> std::ws; text.peek() != EOF; text >> std::ws) {
    json document;
    text >> document;
    if (!document.is_null()) documents.push_back(std::move(document));  // Lotse leaves these out
  }
  return documents;
}

/// Does Lotse refuse what is an error and read the rest as the suite says?
bool answered_right(const fs::path& folder) {
  std::vector<json> documents;
  try {
    const auto text = lotse::base::read_file(folder / "in.yaml");
    for (auto& document : lotse::document::parse_yaml_stream(text, "in.yaml"))
      documents.push_back(std::move(document.value));
  } catch (const lotse::base::Error& error) {
    CHECK(error.kind() == lotse::base::ErrorKind::invalid);
    CHECK(std::string(error.what()).find("in.yaml:") == 0);
    return fs::exists(folder / "error");
  }
  if (fs::exists(folder / "error")) return false;
  return !fs::exists(folder / "in.json") || documents == wanted(folder / "in.json");
}

}  // namespace

TEST_CASE("the whole YAML suite is answered as listed, more of it than yaml-cpp's 353 of 402") {
  const auto suite = conformance("yaml-test-suite");
  if (!suite) return;
  const auto identifiers = listed_differences();
  size_t cases = 0, right = 0;
  std::set<std::string> wrong;
  for (const auto& entry : fs::recursive_directory_iterator(*suite)) {
    if (entry.path().filename() != "in.yaml") continue;
    ++cases;
    const auto folder = entry.path().parent_path();
    INFO(folder);
    if (answered_right(folder)) {
      ++right;
    } else {
      const auto name = folder.lexically_relative(*suite).string();
      const auto listed = identifiers.find(name);
      wrong.insert(listed == identifiers.end() ? name : listed->second);
    }
  }
  CHECK(cases == 402);
  CHECK(right >= 353);
  std::set<std::string> listed;
  for (const auto& [name, identifier] : identifiers) listed.insert(identifier);
  CHECK(wrong == listed);
}
