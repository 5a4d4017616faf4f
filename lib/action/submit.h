#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "action/target.h"
#include "template/package.h"

namespace lotse::action {

struct SubmitOptions {
  std::string name;   ///< empty: one is made, e.g. train-yolo26n-x7k2
  std::string image;  ///< the runner's
  std::string image_pull_policy = "IfNotPresent";
  std::vector<std::filesystem::path> values_files;
  std::vector<std::string> sets;  ///< "key=value" or "key.inner=value"; below flags
  tmpl::FlagValues flags;
  bool replace = false;          ///< delete the workload's earlier Job if it still runs
  bool force_conflicts = false;  ///< take fields that other field managers own
};

/// Objects ready to be applied, in order: the anchor first.
struct Prepared {
  std::string name;
  std::string revision;  ///< 8 hexadecimal digits out of the rendered content, see templates/README
  std::string template_name;
  bool service = false;
  json values;
  std::vector<json> objects;
  std::vector<std::filesystem::path> folders;  ///< local folders to make for outputs
};

struct Submitted {
  bool attached = false;              ///< the same content runs already; nothing was applied
  std::vector<std::string> replaced;  ///< Jobs that were deleted: "job/NAME"
};

/// Renders the template. Pure but for reading the values files and looking for local inputs.
/// Throws Error(invalid) with all mistakes.
Prepared prepare(const tmpl::Template& from, const SubmitOptions& options, bool local,
                 const std::string& name_space);

/// Applies what was prepared. The same content that runs already is attached to; a run that ended
/// is run again; other content while an earlier Job runs is Error(conflict) unless
/// `options.replace`. Of commands with other contents at the same moment one does it, the others
/// are Error(conflict).
Submitted submit(Target& target, const Prepared& prepared, const SubmitOptions& options);

/// TEMPLATE-MODEL-xxxx, a DNS label of at most 40 characters.
std::string make_name(const std::string& template_name, const json& values);

}  // namespace lotse::action
