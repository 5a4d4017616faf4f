// Holds every #include "room/..." of lib/ and cli/ to lib/LAYERS.
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

using Layers = std::map<std::string, std::set<std::string>>;

Layers read_layers() {
  Layers layers;
  for (const auto& line : split(lotse::base::read_file(LOTSE_SOURCE_DIR "/lib/LAYERS"), '\n')) {
    const auto colon = line.find(':');
    if (line.empty() || line[0] == '#' || colon == std::string::npos) continue;
    auto& uses = layers[line.substr(0, colon)];
    for (const auto& room : split(trim(line.substr(colon + 1)), ' '))
      if (!room.empty()) uses.insert(room);
  }
  return layers;
}

// cli/commands/train.cpp is in room "cli/commands"; cli/app.cpp in "cli/app"; lib/net/x.h in "net".
std::string room_of(const fs::path& file) {
  const auto parts = split(fs::relative(file, LOTSE_SOURCE_DIR).string(), '/');
  if (parts[0] == "lib") return parts[1];
  return "cli/" + fs::path(parts[1]).stem().string();
}

std::vector<std::string> forbidden_includes(const Layers& layers) {
  static const std::regex include("^#include \"([a-z_]+)/");
  std::vector<std::string> forbidden;
  for (const char* top : {"/lib", "/cli"}) {
    for (const auto& entry :
         fs::recursive_directory_iterator(std::string(LOTSE_SOURCE_DIR) + top)) {
      const auto ending = entry.path().extension();
      const std::string room = room_of(entry.path());
      if ((ending != ".cpp" && ending != ".h") || room == "cli/main") continue;
      for (const auto& line : split(lotse::base::read_file(entry.path()), '\n')) {
        std::smatch match;
        if (!std::regex_search(line, match, include)) continue;
        const std::string used = match[1];
        if (used == "cli" || used == room || (layers.count(room) && layers.at(room).count(used)))
          continue;
        forbidden.push_back(room + " includes " + used + ": " + entry.path().filename().string());
      }
    }
  }
  return forbidden;
}

}  // namespace

TEST_CASE("every include keeps to lib/LAYERS") {
  const auto layers = read_layers();
  REQUIRE(layers.size() > 10);
  CHECK(forbidden_includes(layers) == std::vector<std::string>{});
}

TEST_CASE("the order of the rooms has no cycle: each uses only rooms above it") {
  std::set<std::string> seen;
  const auto layers = read_layers();
  for (const auto& line : split(lotse::base::read_file(LOTSE_SOURCE_DIR "/lib/LAYERS"), '\n')) {
    const auto room = line.substr(0, line.find(':'));
    if (!layers.count(room)) continue;
    for (const auto& used : layers.at(room)) {
      INFO(room << " uses " << used);
      CHECK((seen.count(used) == 1 || used == "runner"));
    }
    seen.insert(room);
  }
}
