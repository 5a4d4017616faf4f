#include "image/reference.h"

#include <regex>

namespace lotse::image {

std::optional<Reference> parse_reference(const std::string& text) {
  static const std::regex host(
      R"((?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]+)?)");
  static const std::regex rest(
      R"(([a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*))"
      R"((?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@([a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-f]{32,}))?)");
  constexpr size_t longest = 512;  // so that the regular expressions stay shallow
  if (text.size() > longest) return {};
  Reference reference{"docker.io", "", "", ""};
  std::string path = text;
  if (const auto slash = text.find('/'); slash != std::string::npos) {
    const auto first = text.substr(0, slash);
    const bool names_host = first.find_first_of(".:") != std::string::npos || first == "localhost";
    if (names_host) {
      if (!std::regex_match(first, host)) return {};
      reference.registry = first == "index.docker.io" ? "docker.io" : first;
      path = text.substr(slash + 1);
    }
  }
  std::smatch parts;
  if (!std::regex_match(path, parts, rest)) return {};
  reference.repository = parts[1];
  reference.tag = parts[2];
  reference.digest = parts[3];
  const bool bare = reference.repository.find('/') == std::string::npos;
  if (reference.registry == "docker.io" && bare)
    reference.repository = "library/" + reference.repository;
  if (reference.tag.empty() && reference.digest.empty()) reference.tag = "latest";
  return reference;
}

std::string to_string(const Reference& reference) {
  return reference.registry + "/" + reference.repository +
         (reference.tag.empty() ? "" : ":" + reference.tag) +
         (reference.digest.empty() ? "" : "@" + reference.digest);
}

}  // namespace lotse::image
