#pragma once
#include <optional>
#include <string>

namespace lotse::image {

/// An image's name, taken apart as container runtimes do (the grammar of
/// github.com/distribution/reference).
struct Reference {
  std::string registry;    ///< "docker.io", "localhost:5000"
  std::string repository;  ///< "library/busybox"
  std::string tag;         ///< "latest" where the name has neither tag nor digest; else may be ""
  std::string digest;      ///< "sha256:...", may be ""; it counts more than the tag
};

/// Nothing where the text is no name of an image.
std::optional<Reference> parse_reference(const std::string& text);

/// With its registry and tag: "docker.io/library/busybox:latest".
std::string to_string(const Reference& reference);

}  // namespace lotse::image
