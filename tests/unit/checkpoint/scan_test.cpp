#include "checkpoint/scan.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/files.h"
#include "checkpoint/pickle.h"
#include "crypto/base64.h"
#include "unit/checkpoint/export_emitter.h"

using namespace lotse::checkpoint;
using lotse::base::Error;
using lotse::test::ExportEmitter;
using lotse::test::ModelEmitter;
using lotse::test::PickleEmitter;
using lotse::test::ZipEmitter;

namespace {

Scan scan_bytes(const std::string& bytes) {
  static const lotse::base::TemporaryFolder folder;
  const auto path = folder.path() / "file";
  lotse::base::write_file_atomic(path, bytes);
  return scan(path);
}

/// The first thing that is found; "" if there is nothing.
std::string first(const std::string& bytes) {
  const auto found = scan_bytes(bytes).findings;
  return found.empty() ? "" : found[0].what;
}

std::string call(const std::string& module, const std::string& name) {
  return PickleEmitter().global(module, name).raw("(").text("a").raw("tR").finish();
}

/// Protocol 4: a length of one byte before each text.
std::string short_text(const std::string& text) {
  return "\x8c" + std::string(1, static_cast<char>(text.size())) + text;
}

}  // namespace

TEST_CASE("weights of the field do nothing", "[scan]") {
  ModelEmitter model;
  model.names = {"cat"};
  model.activation = "SiLU";
  model.namespace_module = "ultralytics.utils";
  model.tensors = {{"model.0.conv.weight", "FloatStorage", 4, {4}, std::string(16, 'a')}};
  const auto result = scan_bytes(model.file());
  CHECK(result.kind == "pt");
  REQUIRE(result.findings.size() == 2);  // "some.package" of the emitter's own
  CHECK(result.findings[0].what == "some.package.DetectionModel");
  model.state_dict_only = true;
  CHECK(scan_bytes(model.file()).findings.empty());
  CHECK(scan_bytes(ExportEmitter().file()).findings.empty());
  CHECK(scan_bytes(ExportEmitter().file()).kind == "torchscript");
}

TEST_CASE("how a classifier of the field resizes its pictures does nothing either", "[scan]") {
  const auto mode = call("torchvision.transforms.functional", "InterpolationMode");
  CHECK(first(mode).empty());
  CHECK_NOTHROW(read_pickle(mode));
  CHECK(first(PickleEmitter()
                  .global("torchvision.transforms.transforms", "Compose")
                  .raw(")\x81")
                  .finish())
            .empty());
  CHECK(first(call("torchvision.transforms.functional", "resize")) ==
        "torchvision.transforms.functional.resize");
}

TEST_CASE("calls and imports are found, with their place", "[scan]") {
  const auto found = scan_bytes(call("os", "system")).findings;
  REQUIRE(found.size() == 1);
  CHECK(found[0].what == "os.system");
  CHECK(found[0].place == "byte 2");
  ZipEmitter zip;
  zip.add("x/data.pkl", call("os", "system"));
  const auto in_zip = scan_bytes(zip.finish()).findings;
  REQUIRE(in_zip.size() == 1);
  CHECK(in_zip[0].member == "x/data.pkl");
  // A name is enough: importing a module runs it.
  CHECK(first(PickleEmitter().global("mine", "Class").finish()) == "mine.Class");
  // A class of the field may be there; calling it is something else.
  CHECK(
      first(PickleEmitter().global("ultralytics.nn.tasks", "Model").raw(")\x81").finish()).empty());
  CHECK(first(call("ultralytics.nn.tasks", "attempt_load")) == "ultralytics.nn.tasks.attempt_load");
  CHECK(first(call("ultralytics.utils.checks", "check_requirements")) ==
        "ultralytics.utils.checks.check_requirements");
}

TEST_CASE("every way to a global is known", "[scan]") {
  const std::string tail = short_text("a") + "\x85R.";
  CHECK(first("\x80\x04" + short_text("os") + short_text("system") + "\x93" + tail) == "os.system");
  CHECK(first("\x80\x04\x95\x20" + std::string(7, '\0') + short_text("os") + "\x94" +
              short_text("system") + "\x94\x93\x94" + tail) == "os.system");
  // The module by way of the memo.
  CHECK(first("\x80\x04" + short_text("os") + "\x94" + "0" + "h" + std::string(1, '\0') +
              short_text("system") + "\x93" + tail) == "os.system");
  // A name put together while reading.
  CHECK(first("\x80\x04NN\x93" + tail) == "a name");
  // Protocol 0, with INST and OBJ.
  CHECK(first("cos\nsystem\n(S'a'\ntR.") == "os.system");
  CHECK(first("(S'a'\nios\nsystem\n.") == "os.system");
  CHECK(first("(cos\nsystem\nS'a'\no.") == "os.system");
  CHECK(first("\x80\x02\x82\x01.") == "copyreg extension");
  // What another call gave is called.
  CHECK(first(PickleEmitter().global("collections", "OrderedDict").raw(")R)R").finish()) ==
        "a value");
}

TEST_CASE("what comes before damage, and behind a first pickle, is found", "[scan]") {
  CHECK(first(call("os", "system").substr(0, 20)) == "os.system");
  CHECK(first("\x80\x02N." + call("os", "system")) == "os.system");
  CHECK(first("\x80\x02N.\x80\x02N.raw tensors").empty());
}

TEST_CASE("a pickle within a text is found", "[scan]") {
  const auto inner = call("os", "system");
  std::string hex;
  for (const char one : inner) {
    hex += "0123456789abcdef"[static_cast<unsigned char>(one) >> 4];
    hex += "0123456789abcdef"[static_cast<unsigned char>(one) & 15];
  }
  for (const auto& text : {inner, hex, lotse::crypto::base64_encode(inner)}) {
    const auto found = scan_bytes(PickleEmitter().text(text).finish()).findings;
    REQUIRE(found.size() == 2);
    CHECK(found[0].what == "a pickle in a text");
    CHECK(found[1].what == "os.system");
  }
  CHECK(first(PickleEmitter().text("gAAAtext").finish()).empty());
  CHECK(first(PickleEmitter().text("8002 is a number").finish()).empty());
}

TEST_CASE("findings in TorchScript have member and line", "[scan]") {
  ExportEmitter file;
  file.body = "    torch.save(x, \"a\")\n    return x\n";
  file.members = {{"model/traced_inputs.pkl", call("os", "system")}};
  const auto found = scan_bytes(file.file()).findings;
  REQUIRE(found.size() == 2);
  CHECK(describe(found[0]) ==
        "model/code/__torch__.py, line 8: 'torch.save' is not an operator of a detector");
  CHECK(found[1].member == "model/traced_inputs.pkl");
  file = {};
  file.data = call("os", "system");
  CHECK(first(file.file()) == "os.system");
}

TEST_CASE("what cannot be read is no clean bill", "[scan]") {
  CHECK_THROWS_AS(scan_bytes(""), Error);
  CHECK_THROWS_AS(scan_bytes("<html>"), Error);
  CHECK_THROWS_AS(scan_bytes("\x89PNG\r\n"), Error);
  CHECK_THROWS_AS(scan_bytes("\x80\x02K"), Error);
  CHECK_THROWS_AS(scan_bytes("PK\x03\x04"), Error);
  ZipEmitter zip;
  zip.add("x/readme", "hello");
  CHECK_THROWS_AS(scan_bytes(zip.finish()), Error);
  ZipEmitter broken;
  broken.add("x/data.pkl", "\x80\x02K");
  CHECK_THROWS_AS(scan_bytes(broken.finish()), Error);
}
