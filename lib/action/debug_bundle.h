#pragma once
#include <string>
#include <vector>

#include "action/target.h"

namespace lotse::action {

struct BundleFile {
  std::string path;  ///< relative: "objects/job-x.yaml"
  std::string text;
};

/// What somebody who is to help needs to see of a workload: its objects and Events, what `status`,
/// `why` and `history` say, the last lines of each pod. Secrets are left out: the data of Secrets,
/// values of variables that are called so (TOKEN, SECRET, PASSWORD, KEY), and what stands before
/// the @ of a URL, in logs, too. Throws Error(not_found).
std::vector<BundleFile> debug_bundle(Target& target, const std::string& name);

/// Pure: the text without what stands between "://" and "@".
std::string without_credentials(std::string text);

}  // namespace lotse::action
