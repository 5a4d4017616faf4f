#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/files.h"
#include "checkpoint/checkpoint.h"
#include "unit/checkpoint/emitter.h"

using namespace lotse::checkpoint;
using lotse::base::Error;
using lotse::test::bytes_of;

namespace {

std::string framed(const std::string& header, const std::string& data) {
  std::string file;
  lotse::test::put(file, header.size(), 8);
  return file + header + data;
}

std::string problem(const std::string& bytes) {
  const lotse::base::TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  lotse::base::write_file_atomic(path, bytes);
  try {
    read_safetensors(path);
  } catch (const Error& error) {
    CHECK(error.kind() == lotse::base::ErrorKind::invalid);
    return error.what();
  }
  return "";
}

std::string one(const std::string& entry) {
  return framed("{\"a\":" + entry + "}", "12345678");
}

}  // namespace

TEST_CASE("what is written is read back, byte for byte the same each time", "[safetensors]") {
  const lotse::base::TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  const auto floats = bytes_of<float>({1, 2, 3, 4, 5, 6});
  const std::vector<std::pair<std::string, TensorView>> tensors = {
      {"z", {DType::f32, {2, 3}, {3, 1}, floats}},
      {"flag", {DType::boolean, {}, {}, std::string_view("\1", 1)}},
      {"none", {DType::f16, {0, 4}, {4, 1}, {}}},
      {"a", {DType::i64, {1}, {1}, std::string_view("12345678")}}};
  write_safetensors(path, tensors, {{"names", "[\"cat\"]"}});
  const auto first = lotse::base::read_file(path);
  write_safetensors(path, tensors, {{"names", "[\"cat\"]"}});
  CHECK(first == lotse::base::read_file(path));

  const auto file = read(path);
  CHECK(file.metadata["names"] == "[\"cat\"]");
  REQUIRE(file.tensors.size() == 4);
  CHECK(file.tensors[0].first == "z");
  CHECK(file.tensors[0].second.shape == std::vector<int64_t>{2, 3});
  CHECK(file.tensors[0].second.bytes == floats);
  CHECK(file.tensors[3].first == "a");
  CHECK(file.tensors[3].second.bytes == "12345678");
}

TEST_CASE("only contiguous tensors with names of their own are written", "[safetensors]") {
  const lotse::base::TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  const TensorView turned{DType::u8, {2, 2}, {1, 2}, "1234"};
  CHECK_THROWS_AS(write_safetensors(path, {{"a", turned}}, {}), Error);
  const TensorView plain{DType::u8, {4}, {1}, "1234"};
  CHECK_THROWS_AS(write_safetensors(path, {{"a", plain}, {"a", plain}}, {}), Error);
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("headers that lie are refused", "[safetensors]") {
  const auto entry = [](const std::string& dtype, const std::string& shape, const std::string& at) {
    return one("{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + at + "}");
  };
  CHECK(problem(entry("F32", "[2]", "[0,8]")).empty());
  CHECK_THAT(problem(entry("F31", "[2]", "[0,8]")), Catch::Contains("F31"));
  CHECK_THAT(problem(entry("F32", "[3]", "[0,8]")), Catch::Contains("do not fit"));
  CHECK_THAT(problem(entry("F32", "[3]", "[0,12]")), Catch::Contains("leaves the file"));
  CHECK_THAT(problem(entry("F32", "[1]", "[0,4]")), Catch::Contains("belong to no tensor"));
  CHECK_THAT(problem(entry("F32", "[1]", "[4,8]")), Catch::Contains("belong to none"));
  CHECK_THAT(problem(entry("F32", "[2]", "[8,0]")), Catch::Contains("leaves the file"));
  CHECK_THAT(problem(entry("F32", "[-2]", "[0,8]")), Catch::Contains("no size"));
  CHECK_THAT(problem(entry("F32", "[2.5]", "[0,8]")), Catch::Contains("no size"));
  CHECK_THAT(problem(entry("F32", "[2]", "[0]")), Catch::Contains("not two"));
  CHECK_THAT(problem(entry("F32", "\"2\"", "[0,8]")), Catch::Contains("no list"));
  CHECK_THAT(problem(entry("F32", "[4294967296,4294967296,4]", "[0,8]")),
             Catch::Contains("too large"));
  CHECK_THAT(problem(one("3")), Catch::Contains("no dtype"));
  CHECK_THAT(problem(framed("{\"__metadata__\":{\"a\":1}}", "")), Catch::Contains("not texts"));
  CHECK_THAT(problem(framed("[]", "")), Catch::Contains("not a JSON object"));
  CHECK_THAT(problem(framed("{\"a\":", "")), Catch::Contains("not a JSON object"));
  const std::string u8 = "{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":";
  CHECK_THAT(problem(framed("{\"a\":" + u8 + "[0,4]},\"a\":" + u8 + "[4,8]}}", "12345678")),
             Catch::Contains("two tensors"));
  CHECK_THAT(problem(framed("{\"a\":" + u8 + "[0,4]},\"b\":" + u8 + "[2,6]}}", "123456")),
             Catch::Contains("overlaps"));
  CHECK_THAT(problem(framed(std::string(100'000, '['), "")), Catch::Contains("deeply"));
}

TEST_CASE("cut files are refused", "[safetensors]") {
  const auto file = one("{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}");
  for (std::size_t size = 0; size < file.size(); ++size) {
    INFO(size);
    CHECK_FALSE(problem(file.substr(0, size)).empty());
  }
  std::string huge;
  lotse::test::put(huge, UINT64_MAX, 8);
  CHECK_THAT(problem(huge + "{}"), Catch::Contains("too long"));
}
