#include "action/build_image.h"
#include "base/error.h"
#include "base/strings.h"
#include "cli/commands/common.h"
#include "cli/output/table.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  std::string runner, folder, tar;
  std::string reference;
  bool cuda = false;
  bool client_alone = false;
};

std::string megabytes(std::uint64_t bytes) {
  return base::fixed(static_cast<double>(bytes) / 1e6, 1) + " MB";
}

int run_build(Options& options) {
  const std::string name = options.client_alone ? "lotse" : "lotse-runner";
  if (options.client_alone && (options.cuda || !options.runner.empty()))
    throw base::Error(base::ErrorKind::invalid,
                      base::cat("--lotse-alone and ", options.cuda ? "--cuda" : "--runner",
                                " exclude each other"),
                      "an image of lotse alone has no runner");
  if (options.folder.empty() && options.tar.empty()) options.folder = name + ".oci";
  if (options.reference.empty()) options.reference = name + ":" LOTSE_VERSION;
  action::ImageOptions wanted{options.runner,    options.folder, options.tar,
                              options.reference, options.cuda,   options.client_alone};
  const auto built = action::build_image(wanted);
  if (options.common.json()) {
    nlohmann::json layers = nlohmann::json::array();
    for (const auto& layer : built.layers)
      layers.push_back({{"name", layer.name},
                        {"digest", layer.digest},
                        {"size", layer.size},
                        {"unpackedSize", layer.unpacked_size},
                        {"fromCache", layer.from_cache},
                        {"files", layer.files}});
    print_answer({{"reference", built.reference},
                  {"digest", built.digest},
                  {"size", built.size},
                  {"layers", layers}});
    return 0;
  }
  Table table({"LAYER", "FILES", "SIZE", "UNPACKED", "DIGEST"});
  for (const auto& layer : built.layers)
    table.add({layer.name, base::cat(layer.files.size()), megabytes(layer.size),
               megabytes(layer.unpacked_size), layer.digest});
  print(table.text() + built.reference + "@" + built.digest + ", " + megabytes(built.size) + "\n");
  if (!options.folder.empty()) print("layout:  " + options.folder + "\n");
  if (!options.tar.empty()) print("archive: " + options.tar + "\n");
  return 0;
}

}  // namespace

Command image_command() {
  auto options = std::make_shared<Options>();
  Command build{"build",
                "write an OCI image of the runner, of lotse, and of the libraries that they need",
                ""};
  Flag folder = text_flag("folder", "DIR", "OCI layout to write [lotse-runner.oci, unless --tar]",
                          options->folder);
  folder.complete = Complete::folder;
  Flag tar = text_flag("tar", "FILE", "the same as one file (oci-archive)", options->tar);
  tar.complete = Complete::file;
  Flag runner = text_flag("runner", "FILE", "the program; default: lotse-runner beside lotse",
                          options->runner);
  runner.complete = Complete::file;
  Flag tag = text_flag("tag", "NAME:TAG",
                       "the image's name [lotse-runner:" LOTSE_VERSION
                       ", of --lotse-alone lotse:" LOTSE_VERSION "]",
                       options->reference);
  build.flags = {
      folder,
      tar,
      runner,
      tag,
      switch_flag("cuda", "with what NVIDIA GPUs need", options->cuda),
      switch_flag("lotse-alone", "lotse without the runner, for --schedule of any service",
                  options->client_alone),
      output_flag(options->common)};
  build.run = [options] { return run_build(*options); };
  Command command{"image", "the runner's container image", long_help("image")};
  command.subcommands = {build};
  return command;
}

}  // namespace lotse::cli
