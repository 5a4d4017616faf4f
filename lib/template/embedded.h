#pragma once
#include <string>
#include <vector>

namespace lotse::tmpl {

struct EmbeddedFile {
  std::string path;  ///< "train/template.yaml"
  std::string text;
};

/// The folder `templates/` as it was at build time; made by templates/embed.cmake.
const std::vector<EmbeddedFile>& embedded_files();

}  // namespace lotse::tmpl
