#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "action/target.h"
#include "release/revision.h"
#include "template/package.h"

namespace lotse::action {

struct PrepareOptions {
  std::string name;   ///< empty: one is made, e.g. train-yolo26n-x7k2
  std::string image;  ///< the runner's
  std::string image_pull_policy = "IfNotPresent";
  std::vector<std::filesystem::path> values_files;
  std::vector<std::string> sets;  ///< "key=value" or "key.inner=value"; below flags
  tmpl::FlagValues flags;
  /// `cluster` as templates see it (action/capabilities.h), asked where one looks at it. Without
  /// this it is a cluster that can nothing out of the common.
  std::function<json()> cluster = {};
};

/// A revision that is to be applied.
struct Prepared {
  std::string name;
  std::string name_space;
  release::Revision revision;                       ///< without number and time
  std::vector<std::filesystem::path> folders = {};  ///< local folders to make for outputs
  std::optional<Written> seen = {};  ///< what it was decided by; it is not looked at again then
  bool is_service() const { return revision.template_kind == "service"; }
};

/// Renders the template. Pure but for reading the values files and looking for local inputs.
/// Throws Error(invalid) with all mistakes.
Prepared prepare(const tmpl::Template& from, const PrepareOptions& options, bool local,
                 const std::string& name_space);

/// The object that stands for the workload and owns the others. Of a revision with a number it
/// bears that, and what made it.
json anchor_of(const Prepared& prepared);

/// The anchor and the revision's objects.
std::vector<json> objects_of(const Prepared& prepared);

/// What stands where a secret is not shown.
inline constexpr auto hidden = "(hidden)";

/// An object without what it holds, if it is a Secret.
json without_secret_data(json object);

/// TEMPLATE-MODEL-xxxx, a DNS label of at most 40 characters.
std::string make_name(const std::string& template_name, const json& values);

}  // namespace lotse::action
