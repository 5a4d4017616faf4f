#include "action/debug_bundle.h"

#include <filesystem>

#include "archive/compress.h"
#include "archive/tar_stream.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "cli/commands/common.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  std::string name;
  std::string file;
};

/// A gzipped tar of these files in a folder.
std::string archive_of(const std::vector<action::BundleFile>& files, const std::string& folder) {
  std::string bytes;
  archive::Compressor compressor(archive::Compression::gzip,
                                 [&](std::string_view piece) { bytes += piece; });
  for (const auto& file : files) {
    compressor.write(
        archive::tar_header({.path = folder + "/" + file.path, .size = file.text.size()}));
    compressor.write(file.text);
    compressor.write(archive::tar_padding(file.text.size()));
  }
  compressor.write(archive::tar_end());
  compressor.finish();
  return bytes;
}

int run_debug_bundle(const Options& options) {
  const auto folder = options.name + "-debug";
  const auto file = options.file.empty() ? folder + ".tar.gz" : options.file;
  if (std::filesystem::exists(file))
    throw base::Error(base::ErrorKind::invalid, file + " is there already",
                      "remove it, or name another file with --file");
  const auto target = announced_target(options.common);
  auto files = action::debug_bundle(*target, options.name);
  files.push_back({"version.txt", "lotse " LOTSE_VERSION "\nserver " + target->server_version() +
                                      "\n" + target->describe() + "\n"});
  base::write_file_atomic(file, archive_of(files, folder));
  print(base::cat("wrote ", file, ": ", files.size(),
                  " files; look through it before you pass it on\n"));
  return 0;
}

}  // namespace

Command debug_bundle_command() {
  auto options = std::make_shared<Options>();
  Command command{"debug-bundle", "one archive with what is needed to help with a workload",
                  long_help("debug-bundle")};
  Flag file = text_flag("file", "FILE", "the archive; default: NAME-debug.tar.gz", options->file);
  file.complete = Complete::file;
  command.flags = {file};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  command.positionals = {workload_argument(options->name)};
  command.run = [options] { return run_debug_bundle(*options); };
  return command;
}

}  // namespace lotse::cli
