// Holds lib/ and cli/ to lib/LAYERS: what a room includes, and what it names of others.
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "base/files.h"
#include "base/strings.h"

namespace fs = std::filesystem;
using lotse::base::split;
using lotse::base::trim;

namespace {

using Rooms = std::vector<std::string>;
using Layers = std::map<std::string, std::set<std::string>>;

/// The lines of a file in the form of lib/LAYERS, in their order.
std::vector<std::pair<std::string, Rooms>> lines_of(const std::string& text) {
  std::vector<std::pair<std::string, Rooms>> lines;
  for (const auto& line : split(text, '\n')) {
    const auto colon = line.find(':');
    if (line.empty() || line[0] == '#' || colon == std::string::npos) continue;
    Rooms uses;
    for (const auto& room : split(trim(line.substr(colon + 1)), ' '))
      if (!room.empty()) uses.push_back(room);
    lines.emplace_back(line.substr(0, colon), uses);
  }
  return lines;
}

std::vector<std::pair<std::string, Rooms>> layers_file() {
  return lines_of(lotse::base::read_file("lib/LAYERS"));
}

Layers layers() {
  Layers all;
  for (const auto& [room, uses] : layers_file()) all[room] = {uses.begin(), uses.end()};
  return all;
}

/// "net" of lib/net/x.h, "runner/train" of lib/runner/train/x.h, "cli/app" of cli/app/x.cpp, "cli"
/// of cli/main.cpp; as an #include names the file.
std::string room_of(const std::string& included) {
  const auto parts = split(included, '/');
  const bool nested = parts[0] == "runner" || parts[0] == "cli";
  return nested && parts.size() > 2 ? parts[0] + "/" + parts[1] : parts[0];
}

/// The room whose namespace `name` is where `room` says it.
std::string room_named(const Layers& known, const std::string& room, const std::string& name) {
  auto of_runner = "runner/" + name;
  const bool in_runner = room.rfind("runner", 0) == 0 || room == "cli/runner";
  if (in_runner && known.count(of_runner) != 0) return of_runner;
  const std::map<std::string, std::string> others = {{"tmpl", "template"},
                                                     {"exporting", "runner/export"}};
  const auto other = others.find(name);
  const auto found = other == others.end() ? name : other->second;
  return known.count(found) != 0 && found != "cli" ? found : "";
}

std::set<std::string> rooms_used(const Layers& known, const std::string& room,
                                 const std::string& source) {
  static const std::regex include("^#include \"([a-z_]+/[^\"]+)\"");
  static const std::regex text_or_comment(R"(//.*|"(\\.|[^"\\])*")");
  static const std::regex space(R"((^|[^A-Za-z0-9_:])(lotse::)?(runner::)?([a-z_]+)::)");
  std::set<std::string> used;
  for (const auto& line : split(source, '\n')) {
    std::smatch match;
    if (std::regex_search(line, match, include)) {
      used.insert(room_of(match[1]));
      continue;
    }
    const auto code = std::regex_replace(line, text_or_comment, "");
    for (std::sregex_iterator found(code.begin(), code.end(), space), end; found != end; ++found)
      used.insert(room_named(known, room, (*found)[4]));
  }
  used.erase("");
  used.erase(room);
  return used;
}

bool is_source(const fs::path& file) {
  return file.extension() == ".cpp" || file.extension() == ".h";
}

/// Every room that a file uses without the right to, or that has no line.
std::vector<std::string> forbidden_uses(const Layers& known) {
  std::vector<std::string> forbidden;
  for (const std::string top : {"lib", "cli"}) {
    for (const auto& entry : fs::recursive_directory_iterator(top)) {
      if (!is_source(entry.path())) continue;
      const auto file = fs::relative(entry.path(), top == "lib" ? "lib" : ".").string();
      const auto room = room_of(file);
      if (room.find('.') != std::string::npos) continue;  // lib/precompiled.h
      const auto line = known.find(room);
      if (line == known.end()) {
        forbidden.push_back(file + ": the room " + room + " has no line in lib/LAYERS");
        continue;
      }
      for (const auto& used : rooms_used(known, room, lotse::base::read_file(entry.path())))
        if (line->second.count(used) == 0) forbidden.push_back(file + " uses " + used);
    }
  }
  return forbidden;
}

}  // namespace

TEST_CASE("every room keeps to lib/LAYERS", "[layers]") {
  const auto known = layers();
  REQUIRE(known.size() > 10);
  CHECK(forbidden_uses(known) == std::vector<std::string>{});
}

TEST_CASE("what trains, judges, exports and answers knows no family of models", "[layers]") {
  const auto known = layers();
  for (const auto* room : {"task", "train", "val", "infer", "export", "serve"}) {
    for (const auto* family : {"runner/detect", "runner/classify"}) {
      INFO(room << " uses " << family);
      CHECK(known.at(std::string("runner/") + room).count(family) == 0);
    }
  }
}

TEST_CASE("a room uses only rooms above its own line: there is no cycle", "[layers]") {
  std::set<std::string> seen;
  for (const auto& [room, uses] : layers_file()) {
    for (const auto& used : uses) {
      INFO(room << " uses " << used);
      CHECK(seen.count(used) == 1);
    }
    CHECK(seen.insert(room).second);
  }
}

TEST_CASE("a room is used where it is included, and where it is named", "[layers]") {
  using Used = std::set<std::string>;
  const auto known = layers();
  CHECK(rooms_used(known, "cli/output", "#include \"cli/commands/common.h\"\n") ==
        Used{"cli/commands"});
  CHECK(rooms_used(known, "runner/nn", "#include \"runner/serve/api.h\"\n") ==
        Used{"runner/serve"});
  CHECK(rooms_used(known, "cli/commands", "  tmpl::Package p = schema::read();\n") ==
        Used{"template", "schema"});
  CHECK(rooms_used(known, "runner/train", "media::Image i; lotse::runner::detect::Box b;\n") ==
        Used{"runner/media", "runner/detect"});
  CHECK(rooms_used(known, "action", "image::Image i;\n") == Used{"image"});
  CHECK(rooms_used(known, "action", "json::object(); x.kube(); // net::Request\n \"net::x\"\n")
            .empty());
  CHECK(rooms_used(known, "net", "#include \"unknown/x.h\"\n") == Used{"unknown"});
}
