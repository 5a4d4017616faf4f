#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"

namespace lotse::schema {

/// Says where the value at a JSON pointer comes from ("values.yaml:3:7", "--epochs"), or "".
using WhereFunction = std::function<std::string(const std::string& pointer)>;

/// All mistakes of `value` against a JSON Schema (draft 7). Each names the path, after what `where`
/// says of it; unknown keys and wrong choices bring "did you mean". Throws Error(invalid) if the
/// schema itself is wrong.
base::Diagnostics validate(const nlohmann::json& schema, const nlohmann::json& value,
                           const WhereFunction& where = {});

/// The `default`s of `schema`'s properties, objects within objects included.
nlohmann::json defaults(const nlohmann::json& schema);

/// `schema` in which every whole number has a maximum: 2147483647 where it says none. Kubernetes
/// keeps most of its numbers in 32 bits, and no count of ours is larger.
nlohmann::json with_limits(nlohmann::json schema);

/// `values` in which quantities ("x-lotse": {"quantity": true}) that were written as numbers
/// (`cpu: 2`) are the texts that Kubernetes keeps.
nlohmann::json with_quantities(const nlohmann::json& schema, nlohmann::json values);

enum class FlagType { text, integer, number, boolean, text_list, integer_list, map };
enum class FileUse { none, in, out };

/// A property of a schema as a command-line flag. From the property: type, default, enum, minimum,
/// maximum, description. From its extension "x-lotse": {"positional": true, "flag": "other-name",
/// "file": "in"|"out", "cluster_default": "volume:output/", "group": "Pods", "cluster": true};
/// "flag": false means that there is none.
struct Flag {
  std::string key;   ///< of the value, snake_case: "nominal_batch"
  std::string name;  ///< of the flag without dashes, kebab-case: "nominal-batch"
  std::string help;
  FlagType type = FlagType::text;
  nlohmann::json default_value;  ///< null if there is none
  std::vector<std::string> choices;
  std::optional<double> minimum;
  std::optional<double> maximum;
  bool required = false;
  bool positional = false;
  bool cluster = false;  ///< means something to the manifests only, not to the runner
  FileUse file = FileUse::none;
  std::string cluster_default;  ///< of an `out` file on a cluster, "" if there is none
  std::string group;            ///< heading in --help; "" for the first
};

/// One flag a property, positional ones first, else in the schema's "x-lotse-order" or by name.
std::vector<Flag> flags(const nlohmann::json& schema);

/// The JSON value of a flag's text ("map": "k=v"; lists: one item), or nothing if it does not fit.
std::optional<nlohmann::json> parse_flag(const Flag& flag, const std::string& text);

}  // namespace lotse::schema
