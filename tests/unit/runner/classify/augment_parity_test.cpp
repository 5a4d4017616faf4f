// What the reference implementation's transforms for classifiers make of the same picture with the
// same draws (tests/parity/classes_augment.py), beside ours.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "../parity_pictures.h"
#include "base/files.h"
#include "runner/classify/augment.h"
#include "runner/media/resample.h"

using namespace lotse::runner;
using namespace lotse::runner::classify;
using nlohmann::json;

namespace {

const json& fixture() {
  static const auto all = json::parse(lotse::base::read_file("tests/parity/classes_augment.json"));
  return all;
}

/// Neither black nor white, so that stretching it changes it.
media::Image picture() {
  auto result = pattern(160, 120, 1);
  for (auto& byte : result.rgb) byte = static_cast<uint8_t>(byte * 3 / 4 + 20);
  return result;
}

media::Part part_of(const json& one) {
  const auto& part = one["part"];
  return {part[0], part[1], part[2], part[3]};
}

}  // namespace

TEST_CASE("parity: a crop as a square", "[parity]") {
  for (const auto& one : fixture()["crop"]) {
    INFO(one["part"].dump());
    compare_pictures(one, media::resample(picture(), part_of(one), 64, 64), {0.1, 1, 1});
  }
}

TEST_CASE("parity: RandAugment's changes, either way", "[parity]") {
  REQUIRE(fixture()["change"].size() == 28);
  for (const auto& one : fixture()["change"]) {
    const size_t which = one["which"];
    CAPTURE(which, one["negative"]);
    auto changed = picture();
    change(changed, which, one["negative"] ? -1 : 1);
    compare_pictures(one, changed, {0.5, 1, 3});
  }
}

TEST_CASE("parity: erasing", "[parity]") {
  for (const auto& one : fixture()["erase"]) {
    auto erased = picture();
    erase(erased, part_of(one));
    compare_pictures(one, erased, {0, 0, 0});
  }
}
