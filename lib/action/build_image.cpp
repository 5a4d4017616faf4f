#include "action/build_image.h"

#include "base/error.h"
#include "base/files.h"
#include "base/process.h"

namespace lotse::action {

image::BuildResult build_image(const ImageOptions& options) {
  image::BuildOptions build;
  build.runner = options.runner.empty() ? base::program_folder() / "lotse-runner" : options.runner;
  if (!std::filesystem::exists(build.runner))
    throw base::Error(base::ErrorKind::invalid, "there is no runner at " + build.runner.string(),
                      "build it (`make build`), or name it with --runner");
  build.folder = options.folder;
  build.tar = options.tar;
  build.reference = options.reference;
  build.cuda = options.cuda;
  build.cache = base::cache_folder() / "layers";
  return image::build(build);
}

}  // namespace lotse::action
