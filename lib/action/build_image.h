#pragma once
#include "image/build.h"

namespace lotse::action {

struct ImageOptions {
  std::filesystem::path runner;  ///< empty: lotse-runner beside this program
  std::filesystem::path folder;  ///< OCI layout to write
  std::filesystem::path tar;     ///< the same as one file
  std::string reference;
  bool cuda = false;
  bool client_alone = false;  ///< `lotse` and no runner
};

/// An image of the runner and of this program. Throws what image::build throws; Error(invalid) if
/// there is no runner.
image::BuildResult build_image(const ImageOptions& options);

}  // namespace lotse::action
