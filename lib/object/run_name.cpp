#include "object/run_name.h"

namespace lotse::object {

void name_run(json& object, const std::string& anchor_uid) {
  const json::json_pointer place("/spec/template/metadata/annotations");
  if (anchor_uid.empty() || !object.contains(place) || !object.at(place).contains(annotation_run))
    return;
  json& run = object.at(place).at(annotation_run);
  const auto known = run.get<std::string>();
  if (!known.starts_with(anchor_uid + "/")) run = anchor_uid + "/" + known;
}

}  // namespace lotse::object
