#include <catch2/catch.hpp>

#include "base/files.h"
#include "document/document.h"
#include "document/raw_json.h"
#include "document/write.h"
#include "support/conformance.h"

TEST_CASE("every built-in kind, fully populated, is the same as YAML and as JSON") {
  const auto folder = conformance("kubernetes-api");
  if (!folder) return;
  int kinds = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(*folder)) {
    if (entry.path().extension() != ".yaml") continue;
    INFO(entry.path());
    const auto yaml = lotse::document::read_document(entry.path()).value;
    auto other = entry.path();
    const auto json = lotse::document::read_document(other.replace_extension(".json")).value;
    CHECK(yaml == json);
    CHECK(lotse::document::parse_yaml(lotse::document::write_yaml(json), "f").value == json);
    std::string indented;
    lotse::document::append_indented(indented, lotse::base::read_file(other));
    CHECK(nlohmann::json::parse(indented) == json);
    ++kinds;
  }
  CHECK(kinds == 193);
}
