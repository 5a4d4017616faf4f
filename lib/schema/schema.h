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

/// All mistakes of `value` against a JSON Schema (draft 7). Each names where the value comes from,
/// as `where` says it, and its path; for unknown keys and wrong choices the hint is "did you mean".
/// Throws Error(invalid) if the schema itself is wrong.
base::Diagnostics validate(const nlohmann::json& schema, const nlohmann::json& value,
                           const WhereFunction& where = {});

/// The `default`s of `schema`'s properties, those of nested objects included.
nlohmann::json defaults(const nlohmann::json& schema);

/// `schema` in which every whole number has a maximum: 2147483647 where it says none. Kubernetes
/// keeps most of its numbers in 32 bits, and no count of ours is larger.
nlohmann::json with_limits(nlohmann::json schema);

/// `values` in which quantities ("x-lotse": {"quantity": true}) that were written as numbers
/// (`cpu: 2`) are the texts that Kubernetes keeps.
nlohmann::json with_quantities(const nlohmann::json& schema, nlohmann::json values);

enum class FlagType { text, integer, number, boolean, text_list, integer_list, map, document };
enum class FileUse { none, in, out };

/// A property of a schema as a command-line flag. The property gives type, default, enum, minimum,
/// maximum and description; its extension "x-lotse" gives the rest: {"positional": true, "flag":
/// "other-name", "file": "in"|"out", "cluster_default": "volume:output/", "needed_with": "workers",
/// "group": "Pods", "cluster": true, "document": true, "local": false}; "flag": false means that
/// there is none. The flag of a document names a file that holds the value.
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
  bool cluster = false;  ///< a value for the manifests alone, not an option of the runner
  bool local = true;     ///< this machine can carry it out, too
  FileUse file = FileUse::none;
  std::string cluster_default;  ///< where an `out` file goes on a cluster by default; "" if nowhere
  std::string needed_with;      ///< the file is needed where this value is not its default
  std::string group;            ///< heading in --help; "" for the first
};

/// One flag for each property: positional ones first, then in the order of the schema's
/// "x-lotse-order", then by name.
std::vector<Flag> flags(const nlohmann::json& schema);

/// The JSON value that a flag's text means (for a map "k=v", for a list one item), or nothing if
/// the text does not fit the type; of a document what the file holds, or Error(invalid) with its
/// place.
std::optional<nlohmann::json> parse_flag(const Flag& flag, const std::string& text);

}  // namespace lotse::schema
