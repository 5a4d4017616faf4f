#include "object/api_check.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "base/strings.h"
#include "document/document.h"
#include "object/api_table.h"
#include "object/member.h"
#include "support/conformance.h"

using namespace lotse;
using nlohmann::json;

namespace {

std::string said(const json& object) {
  std::string text;
  for (const auto& each : object::check_api(object).problems) text += to_string(each) + "\n";
  return text;
}

using Types = std::map<std::string, std::map<std::string, std::string>>;

/// The table's types and their fields, without the mark of those that are required.
Types types(std::map<std::string, std::string>& kinds) {
  Types types;
  for (const auto& line : base::split(object::api_table, '\n')) {
    const auto words = base::split(line, ' ');
    if (words[0] == "=") {
      kinds[words[1] + " " + words[2]] = words[3];
      continue;
    }
    for (size_t i = 1; i < words.size(); ++i) {
      const auto sign = words[i].find('=');
      types[words[0]][base::replace_all(words[i].substr(0, sign), "!", "")] =
          words[i].substr(sign + 1);
    }
  }
  return types;
}

/// Collects the types and the fields ("@core.v1.Container.image") that a value shows.
void look(const Types& types, const std::string& type, const json& value,
          std::set<std::string>& shown) {
  if (type.starts_with("[]") || type.starts_with("{}")) {
    for (const auto& item : value) look(types, type.substr(2), item, shown);
    return;
  }
  const auto found = types.find(type.substr(1));
  if (type[0] != '@' || found == types.end()) return;
  shown.insert(type);
  for (const auto& [field, inner] : found->second)
    if (value.contains(field)) {
      shown.insert(type + "." + field);
      look(types, inner, value[field], shown);
    }
}

}  // namespace

TEST_CASE("the table of the API is that of k8s.io/api: its fully populated objects, no more") {
  const auto suite = conformance("kubernetes-api");
  if (!suite) return;
  std::map<std::string, std::string> kinds;
  const auto known = types(kinds);
  std::set<std::string> shown;
  int count = 0;
  for (const auto& file : std::filesystem::directory_iterator(*suite)) {
    if (file.path().extension() != ".json") continue;
    const auto object = document::read_document(file.path()).value;
    const auto kind = kinds.find(object::text_at(object, {"apiVersion"}) + " " +
                                 object::text_at(object, {"kind"}));
    if (kind == kinds.end() || kind->second == "-") continue;
    ++count;
    INFO(file.path().filename().string());
    CHECK(said(object) == "");
    look(known, "@" + kind->second, object, shown);
  }
  CHECK(count > 35);
  for (const auto& [type, fields] : known)
    for (const auto& [field, inner] : fields) {
      if (inner == "[]@" + type) continue;  // what holds itself ends somewhere
      INFO(type << "." << field);
      CHECK(shown.count("@" + type) == 1);
      CHECK(shown.count("@" + type + "." + field) == 1);
    }
}

TEST_CASE("what the API would not take is said with its place and with what was meant") {
  const json job =
      json::parse(R"({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"},
    "spec": {"completions": "3", "backofLimit": 1, "parallelism": 3000000000, "suspend": null,
      "template": {"spec": {"containers": [{"image": 5, "resources": {"limits": {"cpu": "2 cores"}},
        "env": {"A": "b"}, "ports": [{"containerPort": 80}]}]}}}})");
  CHECK(said(job) ==
        "spec.backofLimit: is no field of JobSpec\n  did you mean backoffLimit?\n"
        "spec.completions: must be a whole number of 32 bits, is \"3\"\n"
        "  {$eval: ...} gives a number, \"${...}\" gives text\n"
        "spec.parallelism: must be a whole number of 32 bits, is 3000000000\n"
        "spec.template.spec.containers[0].env: must be a list, is {\"A\":\"b\"}\n"
        "spec.template.spec.containers[0].image: must be text, is 5\n  quote it: \"5\"\n"
        "spec.template.spec.containers[0].resources.limits.cpu: must be a quantity such as 500m or "
        "4Gi, is \"2 cores\"\n"
        "spec.template.spec.containers[0].name: is required\n");
}

TEST_CASE("a kind is looked for where it is, and where nobody knows it is not judged") {
  CHECK(said({{"apiVersion", "apps/v1"}, {"kind", "Deploymnt"}}) ==
        "kind: there is no Deploymnt in apps/v1\n  did you mean Deployment?\n");
  CHECK(said({{"apiVersion", "extensions/v1beta1"}, {"kind", "Deployment"}}) ==
        "kind: there is no Deployment in extensions/v1beta1\n  it is in apps/v1\n");
  CHECK(said({{"apiVersion", "v1"}, {"kind", "Node"}}).find("lies in no namespace") !=
        std::string::npos);
  CHECK(said({{"kind", "Node"}}) == "apiVersion: is required\n");
  CHECK_FALSE(
      object::check_api({{"apiVersion", "kueue.x-k8s.io/v1beta1"}, {"kind", "Workload"}}).known);
}
