#pragma once
#include <map>
#include <string>

#include "document/document.h"

namespace lotse::tmpl {

/// A package's files: path within it ("manifests/job.yaml") -> text.
using Files = std::map<std::string, std::string>;

/// The fragments of a package, "shared/NAME.yaml": its own, and the built-in ones where it has none
/// of that name.
class FragmentFiles {
 public:
  /// `files` must outlive this; messages put `label` in front of the names of its own fragments.
  FragmentFiles(const Files& files, std::string label);

  /// Reads a fragment. Throws Error(invalid), placed at `where`, with "did you mean" for an unknown
  /// name.
  document::Document read(const std::string& name, const std::string& where) const;

 private:
  const Files& files_;
  std::string label_;
};

/// The fragments that `documents` include, directly or by way of others, by name. Throws
/// Error(invalid) naming each place that includes what is no fragment.
std::map<std::string, document::Document> included_fragments(
    const std::vector<document::Document>& documents, const FragmentFiles& files);

/// A package's files, and beside them the built-in fragments that they include, directly or by way
/// of others: what somebody needs who wants to change them. Throws Error(invalid) for a file that
/// is no YAML.
Files with_fragments(Files files);

}  // namespace lotse::tmpl
