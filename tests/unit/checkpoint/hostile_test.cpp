#include <catch2/catch.hpp>
#include <random>

#include "base/error.h"
#include "base/files.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/pickle.h"
#include "unit/checkpoint/emitter.h"

using namespace lotse::checkpoint;
using lotse::base::Error;
using lotse::test::ModelEmitter;
using lotse::test::PickleEmitter;
using lotse::test::ZipEmitter;

namespace {

ModelEmitter model_with_tensors() {
  ModelEmitter model;
  model.names = {"cat", "dog"};
  model.tensors = {{"model.0.weight", "FloatStorage", 4, {4, 4}, std::string(64, 'a')},
                   {"model.1.weight", "HalfStorage", 2, {8}, std::string(16, 'b')}};
  return model;
}

/// What reading says: "" if it works, else the error, which must be Error(invalid) naming the file.
std::string problem(const std::string& bytes) {
  static const lotse::base::TemporaryFolder folder;
  const auto path = folder.path() / "weights.pt";
  lotse::base::write_file_atomic(path, bytes);
  try {
    std::size_t touched = 0;
    for (const auto& [name, view] : read_pt(path).tensors) {
      for (const char one : view.bytes) touched += static_cast<unsigned char>(one);
    }
    CHECK(touched < (std::size_t{1} << 40));
  } catch (const Error& error) {
    CHECK(error.kind() == lotse::base::ErrorKind::invalid);
    CHECK_THAT(error.what(), Catch::Contains("weights.pt"));
    return error.what();
  }
  return "";
}

std::string zip_of(const std::string& pickle) {
  ZipEmitter zip;
  zip.add("x/data.pkl", pickle);
  zip.add("x/data/0", std::string(64, 'd'));
  return zip.finish();
}

std::string pickle_problem(const std::string& pickle) {
  return problem(zip_of(pickle));
}

/// One tensor over data/0 (64 bytes), described as given.
std::string tensor_pickle(const std::string& storage, const std::string& key, int64_t held,
                          int64_t offset, const std::vector<int64_t>& shape,
                          const std::vector<int64_t>& strides) {
  PickleEmitter p;
  p.raw("}(").text("w").global("torch._utils", "_rebuild_tensor_v2").raw("((").text("storage");
  p.global("torch", storage).text(key).text("cpu").integer(held).raw("tQ");
  p.integer(offset).integers(shape).integers(strides).raw("\x89").empty_ordered_dict().raw("tRu");
  return p.finish();
}

}  // namespace

TEST_CASE("a checkpoint cut at every 64th part is refused", "[hostile]") {
  const auto file = model_with_tensors().file();
  REQUIRE(problem(file).empty());
  for (std::size_t part = 0; part < 64; ++part) {
    INFO(part);
    CHECK_FALSE(problem(file.substr(0, file.size() * part / 64)).empty());
  }
}

TEST_CASE("a pickle cut at any byte is refused", "[hostile]") {
  const auto pickle = model_with_tensors().pickle();
  for (std::size_t size = 0; size < pickle.size(); ++size) {
    INFO(size);
    CHECK_THROWS_AS(read_pickle(pickle.substr(0, size)), Error);
  }
}

TEST_CASE("any byte of a pickle changed is read or refused", "[hostile]") {
  const auto pickle = model_with_tensors().pickle();
  std::mt19937 random(7);  // NOLINT: the same every time
  for (std::size_t at = 0; at < pickle.size(); ++at) {
    auto broken = pickle;
    broken[at] = static_cast<char>(random());
    try {
      read_pickle(broken);
    } catch (const Error&) {
    }
    if (at % 8 == 0) problem(zip_of(broken));
  }
}

TEST_CASE("noise is refused", "[hostile]") {
  std::mt19937 random(11);  // NOLINT: the same every time
  for (int i = 0; i < 2000; ++i) {
    std::string noise = "\x80\x02";
    for (int k = 0; k < 64; ++k) noise += static_cast<char>(random());
    CHECK_THROWS_AS(read_pickle(noise), Error);
  }
}

TEST_CASE("nothing is called that is not on the list", "[hostile]") {
  const auto call = [](const char* module, const char* name) {
    return PickleEmitter().global(module, name).raw("(").text("echo").raw("tR").finish();
  };
  CHECK_THAT(pickle_problem(call("os", "system")), Catch::Contains("os.system"));
  CHECK_THAT(pickle_problem(call("builtins", "eval")), Catch::Contains("builtins.eval"));
  CHECK_THAT(pickle_problem(call("builtins", "getattr")), Catch::Contains("builtins.getattr"));
  CHECK_THAT(pickle_problem(call("subprocess", "Popen")), Catch::Contains("byte"));
  CHECK_THAT(pickle_problem(PickleEmitter().text("f").raw(")R").finish()),
             Catch::Contains("no function's name"));
  // A name alone is only a name.
  CHECK_THAT(pickle_problem(PickleEmitter().global("os", "system").finish()),
             Catch::Contains("no tensors"));
}

TEST_CASE("opcodes that torch.save does not write are refused", "[hostile]") {
  for (const char* opcode : {"i", "o", "\x82", "\x93", "\x94", "\x8b", "P", "I", "S", "2", "1"}) {
    const std::string pickle = PickleEmitter().raw(opcode).raw("aaaa\nbbbb\n").finish();
    CHECK_THAT(pickle_problem(pickle), Catch::Contains("not allowed"));
  }
  std::string other = PickleEmitter().raw("N").finish();
  other[1] = 4;
  CHECK_THAT(pickle_problem(other), Catch::Contains("protocol 4"));
}

TEST_CASE("lengths that lie are refused without memory for them", "[hostile]") {
  CHECK_THAT(pickle_problem(PickleEmitter().raw("X\xff\xff\xff\xff").finish()),
             Catch::Contains("length is wrong"));
  CHECK_THAT(pickle_problem(PickleEmitter().raw("\x8a\xff").finish()), Catch::Contains("64 bits"));
  CHECK_THAT(pickle_problem(PickleEmitter().raw("j\xff\xff\xff\xff").finish()),
             Catch::Contains("no memo"));
  CHECK_THAT(pickle_problem(PickleEmitter().raw(std::string(5000, 'c')).finish()),
             Catch::Contains("does not end"));
  // A memo index of 2^32 - 1 costs one entry, not four thousand million.
  CHECK_THAT(pickle_problem(PickleEmitter().raw("Nr\xff\xff\xff\xff").finish()),
             Catch::Contains("no tensors"));
}

TEST_CASE("more values than any model has are refused", "[hostile]") {
  CHECK_THAT(pickle_problem(PickleEmitter().raw(std::string(3'000'000, 'N')).finish()),
             Catch::Contains("2,000,000"));
}

TEST_CASE("a tree that doubles at every level costs no more than its text", "[hostile]") {
  // Forty lists, each holding the one before twice: 2^40 leaves to whoever walks it.
  PickleEmitter p;
  p.raw("}(").text("epoch").raw("]q").raw(std::string(1, '\0'));
  for (int level = 0; level < 40; ++level) {
    p.raw("](h").raw(std::string(1, static_cast<char>(level)));
    p.raw("h").raw(std::string(1, static_cast<char>(level))).raw("e");
    p.raw("q").raw(std::string(1, static_cast<char>(level + 1)));
  }
  // Everything but the last list is taken off the stack again by a tuple.
  std::string pickle = p.out;
  pickle += "tu.";
  CHECK_FALSE(pickle_problem(pickle).empty());
  PickleEmitter modules;
  modules.global("m", "M").raw(")\x81}b").raw("q").raw(std::string(1, '\0')).raw("0");
  for (int level = 0; level < 60; ++level) {
    const std::string before(1, static_cast<char>(level));
    const std::string after(1, static_cast<char>(level + 1));
    modules.global("m", "M").raw(")\x81}(").text("_modules").raw("}(");
    for (const char* name : {"a", "b"}) modules.text(name).raw("h").raw(before);
    modules.raw("uub").raw("q").raw(after);
    if (level < 59) modules.raw("0");
  }
  CHECK_THAT(pickle_problem(modules.finish()), Catch::Contains("too long"));
}

TEST_CASE("modules nested without end are refused", "[hostile]") {
  SECTION("deep") {
    PickleEmitter p;
    for (int i = 0; i < 100'000; ++i)
      p.global("m", "M").raw(")\x81}(").text("_modules").raw("}(").text("a");
    p.raw("N");
    for (int i = 0; i < 100'000; ++i) p.raw("uub");
    CHECK_THAT(pickle_problem(p.finish()), Catch::Contains("nested too deeply"));
  }
  SECTION("in itself") {
    PickleEmitter p;
    p.global("m", "M").raw(")\x81q").raw(std::string(1, '\0')).raw("}(").text("_modules");
    p.raw("}(").text("a").raw("h").raw(std::string(1, '\0')).raw("uub");
    CHECK_THAT(pickle_problem(p.finish()), Catch::Contains("nested too deeply"));
  }
  SECTION("metadata in itself") {
    PickleEmitter p;
    p.raw("}(").text("epoch").raw("]q").raw(std::string(1, '\0')).raw("h");
    p.raw(std::string(1, '\0')).raw("au");
    CHECK_THAT(pickle_problem(p.finish()), Catch::Contains("no tensors"));
  }
}

TEST_CASE("a tensor must lie within its storage", "[hostile]") {
  const auto with = [](const std::string& storage, const std::string& key, int64_t held,
                       int64_t offset, const std::vector<int64_t>& shape,
                       const std::vector<int64_t>& strides) {
    return pickle_problem(tensor_pickle(storage, key, held, offset, shape, strides));
  };
  const std::string leaves = "leaves its storage";
  CHECK(with("FloatStorage", "0", 16, 0, {4, 4}, {4, 1}).empty());
  CHECK(with("FloatStorage", "0", 16, 15, {1}, {1}).empty());
  CHECK_THAT(with("FloatStorage", "0", 16, 16, {1}, {1}), Catch::Contains(leaves));
  CHECK_THAT(with("FloatStorage", "0", 16, 0, {17}, {1}), Catch::Contains(leaves));
  CHECK_THAT(with("FloatStorage", "0", 16, 0, {2}, {INT64_MAX}), Catch::Contains(leaves));
  CHECK_THAT(with("FloatStorage", "0", 16, INT64_MAX, {2}, {1}), Catch::Contains(leaves));
  CHECK_THAT(with("FloatStorage", "0", 16, 0, {1 << 30, 1 << 30, 1 << 30}, {0, 0, 0}),
             Catch::Contains(leaves));
  CHECK_THAT(with("FloatStorage", "0", 16, 0, {1'000'000}, {0}), Catch::Contains(leaves));
  CHECK_THAT(with("FloatStorage", "0", 17, 0, {1}, {1}), Catch::Contains("shorter"));
  CHECK_THAT(with("DoubleStorage", "0", INT64_MAX, 0, {1}, {1}), Catch::Contains("shorter"));
  CHECK_THAT(with("FloatStorage", "0", -1, 0, {1}, {1}), Catch::Contains("wrong size"));
  CHECK_THAT(with("FloatStorage", "0", 16, -1, {1}, {1}), Catch::Contains("wrong size"));
  CHECK_THAT(with("FloatStorage", "0", 16, 0, {-1}, {1}), Catch::Contains("wrong size"));
  CHECK_THAT(with("FloatStorage", "0", 16, 0, {1}, {-1}), Catch::Contains("wrong size"));
  CHECK_THAT(with("FloatStorage", "0", 16, 0, {1, 1}, {1}), Catch::Contains("do not fit"));
  CHECK_THAT(with("FloatStorage", "../0", 16, 0, {1}, {1}), Catch::Contains("lacks"));
  CHECK_THAT(with("QuantStorage", "0", 16, 0, {1}, {1}), Catch::Contains("QuantStorage"));
}

TEST_CASE("a file without a model says so", "[hostile]") {
  CHECK_THAT(pickle_problem(PickleEmitter().raw("}").finish()), Catch::Contains("no tensors"));
  CHECK_THAT(pickle_problem(
                 PickleEmitter().raw("}(").text("ema").raw("N").text("model").raw("Nu").finish()),
             Catch::Contains("empty"));
  ZipEmitter zip;
  zip.add("x/readme", "hello");
  CHECK_THAT(problem(zip.finish()), Catch::Contains("data.pkl"));
  ZipEmitter big_endian;
  big_endian.add("x/data.pkl", PickleEmitter().raw("}").finish());
  big_endian.add("x/byteorder", "big");
  CHECK_THAT(problem(big_endian.finish()), Catch::Contains("little-endian"));
}
