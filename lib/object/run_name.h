#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace lotse::object {

using nlohmann::json;

/// The annotation of a pod template that tells its pods which run they belong to. A template
/// renders it as the workload's revision; applied it is "UID/REVISION", with the uid of the
/// workload's anchor, which the downward API could not give to a pod.
inline constexpr auto annotation_run = "lotse.dev/run";

/// Puts the uid before the revision, where the object's pod template has that annotation. Deleting
/// a workload and making it again is thus another run, whatever started a pod anew is not.
void name_run(json& object, const std::string& anchor_uid);

}  // namespace lotse::object
