#include "checkpoint/torchscript.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "archive/zip.h"
#include "base/error.h"
#include "base/files.h"
#include "checkpoint/pickle.h"
#include "unit/checkpoint/export_emitter.h"

using namespace lotse::checkpoint;
using lotse::base::Error;
using lotse::test::ExportEmitter;
using lotse::test::PickleEmitter;

namespace {

/// What scanning says, line by line; "cannot be read: ..." for a file that cannot.
std::string said(const std::string& file) {
  try {
    std::string text;
    for (const auto& finding : scan_torchscript(file)) text += describe(finding) + "\n";
    return text;
  } catch (const Error& error) {
    CHECK(error.kind() == lotse::base::ErrorKind::invalid);
    return std::string("cannot be read: ") + error.what();
  }
}

std::string said(const ExportEmitter& file) {
  return said(file.file());
}

/// The same file with other statements in `forward`.
std::string said_of(const std::string& statement) {
  ExportEmitter file;
  file.body = "    " + statement + "\n    return x\n";
  return said(file);
}

TorchScript read_bytes(const std::string& bytes) {
  static const lotse::base::TemporaryFolder folder;
  const auto path = folder.path() / "model.torchscript";
  lotse::base::write_file_atomic(path, bytes);
  return read_torchscript(path);
}

struct Hostile {
  const char* statement;
  const char* what;
};

}  // namespace

TEST_CASE("an export is read, and written anew of nothing but what was read", "[torchscript]") {
  ExportEmitter emitter;
  emitter.members = {{"model/bytecode.pkl", "x"},
                     {"model/code/__torch__.py.debug_pkl", "x"},
                     {"model/traced_inputs.pkl", "x"}};
  CHECK(said(emitter).empty());
  const auto read = read_bytes(emitter.file());
  CHECK(read.extra.at("lotse.json") == "{}");
  std::vector<std::string> names;
  for (const auto& entry : lotse::archive::read_stored_zip(read.archive)) {
    names.push_back(entry.name);
    if (entry.name == "archive/code/__torch__.py") CHECK(entry.bytes == emitter.code());
    if (entry.name == "archive/data/0") CHECK(entry.bytes == std::string(16, 'w'));
    if (entry.name == "archive/constants/0") CHECK(entry.bytes == std::string(16, 'c'));
    if (entry.name == "archive/data.pkl") CHECK_NOTHROW(read_pickle(entry.bytes));
  }
  CHECK(names == std::vector<std::string>{
                     "archive/data.pkl", "archive/constants.pkl", "archive/code/__torch__.py",
                     "archive/code/__torch__/inner.py", "archive/data/0", "archive/constants/0",
                     "archive/version", "archive/byteorder"});
  // What was written anew reads the same again.
  CHECK(read_bytes(read.archive).archive == read.archive);
}

TEST_CASE("what a graph must not do is refused with the operator and its line", "[torchscript]") {
  const auto hostile = GENERATE(values<Hostile>({
      // files
      {R"(torch.save(x, "/tmp/written"))", "'torch.save' is not an operator"},
      {R"(_0 = torch.from_file("/etc/passwd", False, 64))", "'torch.from_file' is not an operator"},
      {R"(_0 = torch.copy_(x, torch.from_file("/etc/passwd")))", "'torch.from_file'"},
      {R"(_0 = torch.load("/etc/passwd"))", "'torch.load'"},
      {R"(ops.aten.save(x, "/tmp/written"))", "'ops.aten.save'"},
      {R"(_0 = ops.aten.from_file("/etc/passwd"))", "'ops.aten.from_file'"},
      {R"(_0 = ops.image.read_file("/etc/passwd"))", "'ops.image.read_file'"},
      {R"(ops.load_library("/tmp/library.so"))", "'ops.load_library'"},
      {R"(torch.classes.load_library("/tmp/library.so"))", "'torch.classes.load_library'"},
      {R"(_0 = open("/etc/passwd"))", "'open' is not a function"},
      // text constants passed on
      {R"(p = "/etc/passwd")", "'\"/etc/passwd\"' is a text constant"},
      {R"(_0 = torch.add(x, "a"))", "is a text constant"},
      {R"(_0 = torch.cat(["a", "b"]))", "is a text constant"},
      {R"(_0 = torch.div(x, 2, rounding_mode="/etc/passwd"))", "is a text constant"},
      {R"(_0 = torch.add(x, 1, path="floor"))", "is a text constant"},
      {R"(_0 = torch.to(x, device=torch.device("/dev/sda")))", "is no device"},
      {R"(return "secret")", "is a text constant"},
      // network, other processes, threads
      {R"(_0 = ops.c10d.broadcast([x], "tcp://198.51.100.1"))", "'ops.c10d.broadcast'"},
      {R"(_0 = ops._c10d_functional.all_reduce(x, "sum", "0"))", "all_reduce"},
      {R"(_0 = rpc_async("other", forward, (x,)))", "'rpc_async'"},
      {R"(_0 = ops.prim.rpc_sync("other", x))", "'ops.prim.rpc_sync'"},
      {R"(_0 = ops.prim.rpc_remote("other", x))", "'ops.prim.rpc_remote'"},
      {R"(_0 = fork(self.forward, x))", "'fork'"},
      {R"(_0 = ops.prim.fork(x))", "'ops.prim.fork'"},
      {R"(_0 = torch.wait(x))", "'torch.wait'"},
      // loops and branches
      {"while True:", "'while'"},
      {"for i in range(9223372036854775807):", "'for'"},
      {"if bool(x):", "'if'"},
      {"_0 = (self).forward(x, )", "calls itself"},
      // Python
      {R"(print("secret", x))", "'print'"},
      {"ops.prim.Print(x)", "'ops.prim.Print'"},
      {"torch.warn(x)", "'torch.warn'"},
      {"_0 = ^Operator(x)(x)", "the character '^'"},
      {"_0 = ops.prim.PythonOp(x)", "'ops.prim.PythonOp'"},
      {"_0 = eval(x)", "'eval'"},
      {"_0 = __import__(x)", "'__import__'"},
      {"import os", "'import'"},
      {"_0 = lambda x: x", "'lambda'"},
      {"def inner(y: Tensor) -> Tensor:", "'def'"},
      {"with x:", "'with'"},
      {"del x", "'del'"},
      {"assert x", "'assert'"},
      {"raise x", "'raise'"},
      {R"(ops.prim.RaiseException("text"))", "'ops.prim.RaiseException'"},
      // classes and operators of others
      {"_0 = __torch__.torch.classes.other.Class(x)", "__torch__.torch.classes.other.Class"},
      {"_0 = annotate(__torch__.torch.classes.a.B, x)", "is a custom class"},
      {"_0 = annotate(str, x)", "'str' is not a type"},
      {"_0 = annotate(Dict[int, Tensor], x)", "'Dict' is not a type"},
      {"_0 = annotate(Future[Tensor], x)", "'Future' is not a type"},
      {"_0 = annotate(__torch__.Nowhere, x)", "is not a class of this file"},
      {"_0 = ops.mine.run(x)", "'ops.mine.run'"},
      {"_0 = ops.inductor._alloc_from_pool(x)", "'ops.inductor._alloc_from_pool'"},
      {"_0 = __torch__.function(x)", "'__torch__.function' is not known"},
      // memory that nobody wrote
      {"_0 = torch.empty([1000])", "'torch.empty'"},
      {"_0 = torch.empty_like(x)", "'torch.empty_like'"},
      {"_0 = torch.new_empty(x, [9])", "'torch.new_empty'"},
      {"_0 = torch.resize_(x, [9])", "'torch.resize_'"},
      {"_0 = torch.as_strided(x, [9], [1], 100)", "'torch.as_strided'"},
      {"_0 = torch.set_(x, x)", "'torch.set_'"},
      {"_0 = uninitialized(Tensor)", "'uninitialized'"},
      {"_0 = torch.data_ptr(x)", "'torch.data_ptr'"},
      // huge
      {"_0 = torch.zeros([1000000000])", "'1000000000' is larger"},
      {"_0 = torch.arange(99999999999999999999)", "is larger"},
      {"_0 = torch.ones([100000, 100000])", "is larger than any size"},
      {"_0 = torch.expand(CONSTANTS.c0, [1000000000])", "is larger"},
      // ways around
      {"torch = self", "'torch' cannot be the name"},
      {"self = x", "'self' cannot be the name"},
      {"_0 = x.save", "'.save' is read from something"},
      {R"(_0 = x.save("a"))", "'.save' is called on something"},
      {R"(_0 = getattr(x, "save"))", "is read from something"},
      {R"(_0 = getattr(self, "__class__"))", "__class__' is not there"},
      {R"(_0 = getattr(torch, "save"))", "'torch'"},
      {"_0 = torch.add", "'torch.add' is not an operator"},
      {"_0 = torch.add.save(x)", "'torch.add.save'"},
      {"_0 = (self).nothing(x)", "nothing' is not there"},
      {"self.training = True", "'=' is not expected"},
      {"_0 = unknown", "'unknown' is not known"},
      {"_0 = x; torch.save(x)", "the character ';'"},
      {"_0 = x # comment", "the character '#'"},
      {"_0 = 'text'", "the character '''"},
      {R"(_0 = "a\x00")", "the character '\\'"},
      {"_0 = x\ttorch", "the byte 9"},
      {"_0 = \xc3\xa9", "the byte 195"},
      {"_0 = 0x10", "a number that is not understood"},
      {"_0 = (x", "never closed"},
      {"  _0 = x", "is indented as nothing"},
      {"return x", "follows the end"},
  }));
  INFO(hostile.statement);
  const auto text = said_of(hostile.statement);
  INFO(text);
  CHECK_THAT(text, Catch::Contains("model/code/__torch__.py, line "));
  CHECK_THAT(text, Catch::Contains(hostile.what));
}

TEST_CASE("a finding has its line, and loading names the first", "[torchscript]") {
  ExportEmitter file;
  file.body = "    _0 = torch.add(x, x)\n    torch.save(x, \"a\")\n    print(x)\n    return _0\n";
  const auto findings = scan_torchscript(file.file());
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].what == "torch.save");
  CHECK(findings[0].place == "line 9");
  CHECK(findings[1].what == "print");
  CHECK(findings[1].place == "line 10");
  try {
    read_bytes(file.file());
    FAIL("was read");
  } catch (const Error& error) {
    CHECK_THAT(error.what(), Catch::Contains("model.torchscript: model/code/__torch__.py, line 9: "
                                             "'torch.save' is not an operator of a detector (and "
                                             "1 more"));
    CHECK_THAT(error.hint(), Catch::Contains("lotse export"));
  }
}

TEST_CASE("a size may not come by way of a variable", "[torchscript]") {
  ExportEmitter file;
  file.body = "    n = 90000000\n    return torch.zeros([n, n])\n";
  CHECK_THAT(said(file), Catch::Contains("is larger than any size"));
}

TEST_CASE("declarations are those of modules", "[torchscript]") {
  ExportEmitter file;
  SECTION("__setstate__ runs while a file is loaded") {
    file.methods =
        "  def __setstate__(self: __torch__.Detector,\n    x: Tensor) -> NoneType:\n"
        "    torch.save(x)\n    return None\n";
    const auto text = said(file);
    CHECK_THAT(text, Catch::Contains("'__setstate__' is run by itself"));
    CHECK_THAT(text, Catch::Contains("torch.save"));
  }
  SECTION("a submodule's code is read like the module's") {
    file.inner = lotse::test::ExportEmitter().inner;
    const auto at = file.inner.find("    return");
    file.inner.insert(at, "    torch.save(x, \"/tmp/a\")\n");
    CHECK_THAT(said(file), Catch::Contains("model/code/__torch__/inner.py, line 8: 'torch.save'"));
  }
  SECTION("code that nothing calls is read, too") {
    file.members = {{"model/code/__torch__/other.py",
                     "class Other(Module):\n  def run(self: __torch__.other.Other) -> Tensor:\n"
                     "    torch.save(CONSTANTS.c0, \"a\")\n    return CONSTANTS.c0\n"}};
    CHECK_THAT(said(file), Catch::Contains("other.py, line 3: 'torch.save'"));
  }
  SECTION("other classes") {
    const auto* const base = GENERATE("NamedTuple", "Interface", "Enum", "object");
    file.base = base;
    CHECK_THAT(said(file), Catch::Contains("is not a module but a " + std::string(base)));
  }
  SECTION("other attributes") {
    const auto* const line =
        GENERATE("path : str", "__constants__ = []", "f : Any", "c : __torch__.torch.classes.a.B",
                 "n : Final[int] = 3", "d : Dict[str, Tensor]", "l : List[__torch__.inner.Inner]",
                 "torch.save(1)", "x = 3", "training : bool", "__forward_hooks__ = [\"a\", ]");
    INFO(line);
    file.attributes += std::string("  ") + line + "\n";
    CHECK_THAT(said(file), Catch::Contains("model/code/__torch__.py, line 6: "));
  }
  SECTION("statements outside of a method") {
    file.more = "torch.save(1)\n";
    CHECK_THAT(said(file), Catch::Contains("'torch' is not a class"));
  }
  SECTION("two classes of one name") {
    file.more = "class Detector(Module):\n  a : Tensor\n";
    CHECK_THAT(said(file), Catch::Contains("is there twice"));
  }
  SECTION("parameters of other types") {
    file.parameters = "x: Tensor, path: str";
    CHECK_THAT(said(file), Catch::Contains("'str' is not a type"));
  }
}

TEST_CASE("calls that double at every level are counted, not made", "[torchscript]") {
  ExportEmitter file;
  for (int i = 0; i < 40; ++i) {
    const auto name = "f" + std::to_string(i);
    const auto next = i < 39 ? "(self).f" + std::to_string(i + 1) + "(x, )" : "torch.add(x, x)";
    file.methods += "  def " + name + "(self: __torch__.Detector,\n    x: Tensor) -> Tensor:\n" +
                    "    _0 = " + next + "\n    return " + next + "\n";
  }
  file.body = "    return (self).f0(x, )\n";
  CHECK_THAT(said(file), Catch::Contains("comes to more than 100000 operators"));
}

TEST_CASE("expressions nested without end are refused", "[torchscript]") {
  CHECK_THAT(said_of("_0 = " + std::string(20'000, '(') + "x" + std::string(20'000, ')')),
             Catch::Contains("nested too deeply"));
  CHECK_THAT(said_of("_0 = " + std::string(20'000, '[') + std::string(20'000, ']')),
             Catch::Contains("nested too deeply"));
  std::string type = "Tensor";
  for (int i = 0; i < 2'000; ++i) type = "List[" + type + "]";
  CHECK_THAT(said_of("_0 = annotate(" + type + ", x)"), Catch::Contains("nested too deeply"));
}

TEST_CASE("the pickles hold modules, tensors and numbers", "[torchscript]") {
  ExportEmitter file;
  SECTION("a call") {
    file.data = PickleEmitter().global("os", "system").raw("(").text("id").raw("tR").finish();
    CHECK_THAT(said(file), Catch::Contains("'os.system', which is not allowed"));
  }
  SECTION("a call in the constants") {
    file.constants =
        PickleEmitter().raw("(").global("os", "system").raw("(").text("id").raw("tRt").finish();
    CHECK_THAT(said(file), Catch::Contains("'os.system', which is not allowed"));
  }
  SECTION("a text constant") {
    file.constants = PickleEmitter().raw("(").text("/etc/passwd").raw("t").finish();
    CHECK_THAT(said(file), Catch::Contains("model/constants.pkl, the pickle: 'c0' is a constant "
                                           "that is not a tensor"));
  }
  SECTION("an object among the constants") {
    file.constants =
        PickleEmitter().raw("(").global("__torch__.inner", "Inner").raw(")\x81}bt").finish();
    CHECK_THAT(said(file), Catch::Contains("'c0' is a constant that is not a tensor"));
  }
  SECTION("a constant of 1e9 elements") {
    PickleEmitter p;
    p.raw("(");
    ExportEmitter::tensor(p, 1'000'000'000);
    file.constants = p.raw("t").finish();
    CHECK_THAT(said(file), Catch::Contains("'c0' leaves its storage"));
  }
  SECTION("a text for a flag") {
    file.data = PickleEmitter()
                    .global("__torch__", "Detector")
                    .raw(")\x81}(")
                    .text("training")
                    .text("/etc/passwd")
                    .raw("ub")
                    .finish();
    CHECK_THAT(said(file), Catch::Contains("'training' of type bool holds what a detector"));
  }
  SECTION("an attribute without a declaration") {
    file.data = PickleEmitter()
                    .global("__torch__", "Detector")
                    .raw(")\x81}(")
                    .text("path")
                    .text("/etc/passwd")
                    .raw("ub")
                    .finish();
    CHECK_THAT(said(file), Catch::Contains("'path' is not an attribute"));
  }
  SECTION("a custom class") {
    file.data = PickleEmitter().global("__torch__.torch.classes.a", "B").raw(")\x81}b").finish();
    CHECK_THAT(said(file), Catch::Contains("'__torch__.torch.classes.a.B' is not a submodule"));
  }
  SECTION("an object in itself") {
    file.attributes = "  inner : __torch__.Detector\n";
    file.body = "    return x\n";
    PickleEmitter p;
    p.global("__torch__", "Detector").raw(")\x81q").raw(std::string(1, '\0')).raw("}(");
    p.text("inner").raw("h").raw(std::string(1, '\0')).raw("ub");
    file.data = p.finish();
    CHECK(said(file).empty());  // the memo names it, as in the file
  }
  SECTION("nothing") {
    file.data = PickleEmitter().raw("N").finish();
    CHECK_THAT(said(file), Catch::Contains("'the root' is not a module"));
  }
}

TEST_CASE("an archive that two readers take differently is refused", "[torchscript]") {
  ExportEmitter file;
  SECTION("names that differ in case") {
    file.members = {{"model/CODE/__torch__.py", "x"}};
    CHECK_THAT(said(file), Catch::Contains("but for their case"));
  }
  SECTION("the same name twice") {
    file.members = {{"model/code/__torch__.py", "x"}};
    CHECK_THAT(said(file), Catch::Contains("two entries"));
  }
  SECTION("another root") {
    file.members = {{"other/code/__torch__.py", "x"}};
    CHECK_THAT(said(file), Catch::Contains("lies outside of model/"));
  }
  SECTION("a version that is none") {
    file.members = {{"model/version ", "x"}};
    CHECK(said(file).empty());  // another name
  }
}

TEST_CASE("an export cut anywhere, or with any byte changed, is read or refused", "[torchscript]") {
  const auto bytes = ExportEmitter().file();
  for (std::size_t size = 0; size < bytes.size(); size += 7)
    CHECK_THAT(said(bytes.substr(0, size)), Catch::StartsWith("cannot be read"));
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    auto broken = bytes;
    broken[at] = static_cast<char>(broken[at] ^ 0x55);
    said(broken);
  }
}
