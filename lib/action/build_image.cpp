#include "action/build_image.h"

#include "base/error.h"
#include "base/files.h"
#include "base/process.h"

namespace lotse::action {

namespace {

std::filesystem::path runner_of(const ImageOptions& options) {
  auto runner = options.runner.empty() ? base::program_folder() / "lotse-runner" : options.runner;
  if (!std::filesystem::exists(runner))
    throw base::Error(
        base::ErrorKind::invalid, "there is no runner at " + runner.string(),
        "build it (`make build`), or name it with --runner; --lotse-alone needs none");
  return runner;
}

}  // namespace

image::BuildResult build_image(const ImageOptions& options) {
  image::BuildOptions build;
  build.client = std::filesystem::read_symlink("/proc/self/exe");
  if (!options.client_alone) build.runner = runner_of(options);
  build.folder = options.folder;
  build.tar = options.tar;
  build.reference = options.reference;
  build.cuda = options.cuda;
  build.cache = base::cache_folder() / "layers";
  return image::build(build);
}

}  // namespace lotse::action
