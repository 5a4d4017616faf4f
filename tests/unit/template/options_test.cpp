#include <catch2/catch.hpp>

#include "base/error.h"
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

/// A template of the mode `train` with this schema.
tmpl::Template training(const std::string& schema) {
  return tmpl::parse_template({{"template.yaml",
                                "name: mine\nkind: job\nversion: '1'\nmode: train\nhelp: h\n"
                                "schema: " +
                                    schema + "\n"},
                               {"manifests/job.yaml", "run: {$eval: workload.run}\n"}},
                              "mine");
}

std::vector<std::string> names_of(const tmpl::Template& from) {
  std::vector<std::string> names;
  for (const auto& flag : from.flags()) names.push_back(flag.key);
  return names;
}

schema::Flag flag_of(const tmpl::Template& from, const std::string& key) {
  for (const auto& flag : from.flags())
    if (flag.key == key) return flag;
  return {};
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
  hold_together<contract::ValOptions>("val");
  hold_together<contract::ExportOptions>("export");
  hold_together<contract::InferOptions>("infer");
  hold_together<contract::ServeOptions>("serve");
}

TEST_CASE("a template of a mode has its options, in their order, before its own values") {
  const auto mine = training("{properties: {zone: {default: a, x-lotse: {cluster: true}}}}");
  std::vector<std::string> expected;
  for (const auto& option : contract::options_of("train")) expected.emplace_back(option.field.name);
  expected.emplace_back("zone");
  CHECK(names_of(mine) == expected);
  const auto values = tmpl::merge_values(mine, {}, {{"data", "d"}});
  const auto options = tmpl::run_configuration(mine, values)["options"];
  CHECK(options["epochs"] == contract::TrainOptions{}.epochs);
  CHECK_FALSE(options.contains("zone"));
}

TEST_CASE("a template changes an option, hides one, or fixes one") {
  const auto mine = training(
      "{x-lotse-order: [patience], additionalProperties: false, properties: {epochs: {default: 3}, "
      "data: {default: 'volume:d/data.yaml'}, mosaic: false, seed: {default: 7, x-lotse: {flag: "
      "false}}}}");
  CHECK(flag_of(mine, "epochs").default_value == json(3));
  CHECK(flag_of(mine, "epochs").minimum == 1);
  CHECK(flag_of(mine, "epochs").help == "passes over the training set");
  CHECK_FALSE(flag_of(mine, "data").required);
  CHECK(flag_of(mine, "mosaic").key.empty());
  CHECK(flag_of(mine, "seed").key.empty());
  CHECK(names_of(mine).back() == "patience");
  const auto options = tmpl::run_configuration(mine, tmpl::merge_values(mine, {}, {}))["options"];
  CHECK(options["data"] == "volume:d/data.yaml");
  CHECK(options["seed"] == 7);
  CHECK_FALSE(options.contains("mosaic"));
  CHECK_THROWS_WITH(tmpl::merge_values(mine, {}, {{"mosaic", 1}}),
                    Catch::Contains("mosaic: is not a value here"));
}

TEST_CASE("a template that repeats what it would inherit is the same") {
  for (const auto* name : {"train", "val", "export", "infer", "serve"}) {
    const auto package = tmpl::load_template(name);
    const json about = {{"name", name},   {"kind", package.info.kind},
                        {"version", "1"}, {"mode", name},
                        {"help", "h"},    {"schema", package.schema}};
    const auto again =
        tmpl::parse_template({{"template.yaml", about.dump()}, {"manifests/a.yaml", "a: 1"}}, "t");
    CHECK(again.schema == package.schema);
  }
}

TEST_CASE("what a template inherits must be there") {
  const auto with = [](const std::string& mode, const std::string& schema) {
    return tmpl::parse_template({{"template.yaml", "name: mine\nkind: job\nversion: '1'\nmode: " +
                                                       mode + "\nhelp: h\nschema: " + schema},
                                 {"manifests/a.yaml", "a: 1"}},
                                "mine");
  };
  CHECK_THROWS_WITH(with("trian", "{}"),
                    "mine/template.yaml:4:7: 'trian' is no mode of the runner\n"
                    "  did you mean train?");
  CHECK_THROWS_WITH(with("train", "{$include: [shared/pod-value.yaml]}"),
                    "mine/template.yaml:6:21: there is no fragment shared/pod-value.yaml\n"
                    "  did you mean shared/pod-values.yaml?");
  CHECK_THROWS_WITH(with("train", "{properties: {epochs: 3}}"),
                    Catch::Contains("mine/template.yaml:6:31: schema.properties.epochs"));
  CHECK_THROWS_WITH(with("train", "{$include: [shared/job.yaml]}"),
                    Catch::Contains("shared/job.yaml:") && Catch::Contains("is not a value here"));
  CHECK(with("train", "{$include: [shared/pod-values.yaml]}").schema["properties"].contains("cpu"));
}

TEST_CASE("an option of other models than the named one is refused, by flag and by file") {
  const auto train = tmpl::load_template("train");
  const auto merged = [&](const std::string& file, tmpl::FlagValues flags) {
    flags["data"] = "d";
    return tmpl::merge_values(train, {document::parse_yaml(file, "mine.yaml")}, flags);
  };
  const std::string others = ": is an option of models for detect, and this one is for classify";
  CHECK_THROWS_WITH(merged("{}", {{"model", "yolo26n-cls"}, {"mosaic", 1.0}}), "--mosaic" + others);
  CHECK_THROWS_WITH(merged("model: yolo26n-cls\nmosaic: 0.5\n", {}), "mine.yaml:2:9" + others);
  CHECK_THROWS_WITH(merged("{}", {{"erasing", 0.1}}),
                    "--erasing: is an option of models for classify, and this one is for detect");
  // A file with all values has the defaults of other models' options too.
  CHECK_NOTHROW(merged("{model: yolo26n-cls, mosaic: 1.0}", {}));
  CHECK_NOTHROW(merged("{}", {{"model", "yolo26n-cls"}, {"scale", 0.3}, {"erasing", 0.1}}));
  CHECK_THROWS_WITH(merged("{}", {{"cache_folder", "kept"}}),
                    "--cache-folder: has no effect without --cache disk");
  CHECK_THROWS_WITH(merged("cache_folder: kept\n", {{"cache", "ram"}}),
                    "mine.yaml:1:15: has no effect without --cache disk");
  CHECK_NOTHROW(merged("cache_folder: kept\n", {{"cache", "disk"}}));
  CHECK_NOTHROW(merged("{cache: auto, cache_folder: ''}", {}));
  // A file says itself what it is for: the runner reads it.
  CHECK_NOTHROW(merged("{}", {{"model", "volume:models/best.pt"}, {"mosaic", 0.5}}));
}
