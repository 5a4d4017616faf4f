#include <catch2/catch.hpp>

#include "contract/options.h"
#include "template/package.h"

using namespace lotse;
using nlohmann::json;

namespace {

template <class T>
std::string type_name() {
  if (std::is_same_v<T, bool>) return "boolean";
  if (std::is_same_v<T, int64_t>) return "integer";
  if (std::is_same_v<T, double>) return "number";
  if (std::is_same_v<T, std::string>) return "string";
  return "array";
}

/// Each option of the run configuration is a value of the template, and the other way round.
template <class Options>
void hold_together(const std::string& name) {
  const auto package = tmpl::load_template(name);
  CHECK(package.info.mode == name);
  std::map<std::string, schema::Flag> flags;
  for (const auto& flag : package.flags())
    if (!flag.cluster) flags[flag.key] = flag;
  const Options options;
  Options::fields(options, [&](const contract::Field& field, const auto& member) {
    INFO(name << " " << field.name);
    REQUIRE(flags.count(field.name) == 1);
    const auto& flag = flags[field.name];
    CHECK(flag.help == field.help);
    CHECK(flag.required == field.required);
    CHECK(flag.positional == (field.place == contract::Field::positional));
    CHECK(flag.choices == field.choices);
    CHECK(flag.minimum == field.minimum);
    const bool whole = type_name<std::decay_t<decltype(member)>>() == "integer" ||
                       std::is_same_v<std::decay_t<decltype(member)>, std::vector<int64_t>>;
    CHECK(flag.maximum == (whole && !field.maximum ? contract::largest : field.maximum));
    CHECK(package.schema["properties"][field.name].value("multipleOf", 0.0) ==
          field.multiple_of.value_or(0));
    CHECK(package.schema["properties"][field.name]["type"] ==
          type_name<std::decay_t<decltype(member)>>());
    if (!field.required) CHECK(flag.default_value == json(member));
    flags.erase(field.name);
  });
  for (const auto& [key, unused] : flags) {
    INFO(key);
    CHECK(false);
  }
}

}  // namespace

TEST_CASE("the templates' options are those of the run configuration") {
  hold_together<contract::TrainOptions>("train");
  hold_together<contract::ExportOptions>("export");
  hold_together<contract::InferOptions>("infer");
  hold_together<contract::ServeOptions>("serve");
}
