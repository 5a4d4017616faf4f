// Tensors of the protocol for any signature; those of pictures are in serve_test.cpp.
#include "runner/serve/tensors.h"

#include <catch2/catch.hpp>

#include "base/error.h"

using namespace lotse::runner;
using namespace lotse::runner::serve;
using Catch::Contains;
using nlohmann::json;

namespace {

const std::vector<task::TensorSpec>& specs() {
  static const std::vector<task::TensorSpec> two = {{"user", "N", {-1}, "", 1, torch::kLong},
                                                    {"items", "NK", {-1, 3}, "", 1, torch::kLong}};
  return two;
}

json body(const json& user, const json& items) {
  return {{"inputs",
           {{{"name", "items"}, {"datatype", "INT64"}, {"shape", {2, 3}}, {"data", items}},
            {{"name", "user"}, {"datatype", "INT64"}, {"shape", {2}}, {"data", user}}}}};
}

InferRequest read(const json& document) {
  return parse_infer_request(document.dump(), specs());
}

}  // namespace

TEST_CASE("tensors: several inputs of whole numbers, in the signature's order") {
  const auto request = read(body({7, 9007199254740993}, {{1, 2, 3}, {4, 5, 6}}));
  REQUIRE(request.inputs.size() == 2);
  CHECK(request.inputs[0][1].item<int64_t>() == 9007199254740993);
  CHECK(request.inputs[1].sizes() == torch::IntArrayRef({2, 3}));
  const auto written = tensor_to_json("items", request.inputs[1]);
  CHECK(written["datatype"] == "INT64");
  CHECK(written["data"] == json({1, 2, 3, 4, 5, 6}));
}

TEST_CASE("tensors: what does not fit the signature is told by its name") {
  const auto good = body({7, 8}, {1, 2, 3, 4, 5, 6});
  auto wrong = good;
  wrong["inputs"][0]["name"] = "item";
  CHECK_THROWS_WITH(read(wrong), Contains("none of the inputs is named 'items'"));
  wrong = good;
  wrong["inputs"][0]["shape"] = {2, 4};
  CHECK_THROWS_WITH(read(wrong), Contains("'shape' is [2,4], not [N, 3] with N up to 64"));
  wrong = good;
  wrong["inputs"][1]["data"] = {7, 0.5};
  CHECK_THROWS_WITH(read(wrong), Contains("0.5, which is no whole number"));
  wrong = good;
  wrong["inputs"].erase(1);
  CHECK_THROWS_WITH(read(wrong), Contains("must hold 2 tensors, 'user', 'items'"));
  wrong = good;
  wrong["inputs"][1]["shape"] = {1};
  wrong["inputs"][1]["data"] = {7};
  CHECK_THROWS_WITH(read(wrong), Contains("not for the same number of examples"));
}
