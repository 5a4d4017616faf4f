#include "image/build.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "image/contents.h"
#include "image/layer_cache.h"
#include "image/layout.h"

namespace lotse::image {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* manifest_type = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* config_type = "application/vnd.oci.image.config.v1+json";

json environment(const BuildOptions& options) {
  json result = {"PATH=/bin", "HOME=/tmp"};
  if (options.cuda) {
    result.push_back("NVIDIA_DRIVER_CAPABILITIES=compute,utility");
    // Some clouds' device plug-ins mount the driver here instead of in a default folder.
    result.push_back("LD_LIBRARY_PATH=/usr/local/nvidia/lib64:/usr/lib64");
  }
  return result;
}

json configuration(const BuildOptions& options, const json& diff_ids) {
  json config = {{"Entrypoint", {options.runner.empty() ? "/bin/lotse" : "/bin/lotse-runner"}},
                 {"Env", environment(options)},
                 {"User", options.user}};
  if (!options.labels.empty()) config["Labels"] = options.labels;
  return {{"architecture", "amd64"},
          {"os", "linux"},
          {"config", config},
          {"rootfs", {{"type", "layers"}, {"diff_ids", diff_ids}}}};
}

/// The image's name as containerd writes it: with a registry, and "library/" for a bare name.
std::string full_name(const std::string& reference) {
  const size_t slash = reference.find('/');
  if (slash == std::string::npos) return "docker.io/library/" + reference;
  const std::string first = reference.substr(0, slash);
  const bool is_host = first.find_first_of(".:") != std::string::npos || first == "localhost";
  return is_host ? reference : "docker.io/" + reference;
}

json index(const BuildOptions& options, json manifest) {
  if (!options.reference.empty())
    manifest["annotations"] = {{"org.opencontainers.image.ref.name", options.reference},
                               {"io.containerd.image.name", full_name(options.reference)}};
  return {{"schemaVersion", 2}, {"manifests", json::array({std::move(manifest)})}};
}

BuildResult write_layout(const BuildOptions& options, const fs::path& folder) {
  BuildResult result;
  result.reference = options.reference;
  const LayerCache cache(options.cache);
  Layout layout(folder);
  json layers = json::array();
  json diff_ids = json::array();
  for (const auto& each : contents(options)) {
    auto layer = layout.add_layer(each, options.compression, cache);
    layers.push_back(layer.descriptor);
    diff_ids.push_back(layer.diff_id);
    result.size += layer.summary.size;
    result.layers.push_back(std::move(layer.summary));
  }
  cache.prune();
  const json config = layout.add_json(configuration(options, diff_ids), config_type);
  const json manifest = layout.add_json(
      {{"schemaVersion", 2}, {"mediaType", manifest_type}, {"config", config}, {"layers", layers}},
      manifest_type);
  layout.finish(index(options, manifest));
  result.digest = manifest["digest"];
  result.size += config["size"].get<std::uint64_t>() + manifest["size"].get<std::uint64_t>();
  return result;
}

/// A temporary folder beside the target, so that a rename can put it in place. It is removed unless
/// it was renamed. Its name is not the one that write_layout_tar gives to what is not complete.
class Aside {
 public:
  explicit Aside(const fs::path& target)
      : path_(target.string() + ".folder." + std::to_string(::getpid())) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Aside() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void check(const BuildOptions& options) {
  base::Diagnostics wrong;
  if (options.folder.empty() && options.tar.empty())
    wrong.push_back({"", "an image needs a folder or a tar file to be written to", ""});
  if (fs::exists(options.folder) && !is_layout(options.folder) &&
      (!fs::is_directory(options.folder) || !fs::is_empty(options.folder)))
    wrong.push_back({options.folder.string(),
                     "holds something else than an image; it is left alone",
                     "name a new folder, or remove this one"});
  if (fs::is_directory(options.tar))
    wrong.push_back({options.tar.string(), "is a folder, not a file", ""});
  base::throw_if_any(std::move(wrong));
}

void replace(const fs::path& folder, const fs::path& fresh) {
  if (!fs::exists(folder)) return fs::rename(fresh, folder);
  const Aside old(folder.string() + ".old");
  fs::rename(folder, old.path());
  fs::rename(fresh, folder);
}

/// The path without a slash at its end; with one, a name beside it would become a name inside it.
fs::path target(const fs::path& path) {
  if (path.empty()) return path;
  const fs::path full = fs::absolute(path).lexically_normal();
  return full.has_filename() ? full : full.parent_path();
}

}  // namespace

BuildResult build(const BuildOptions& options) {
  try {
    check(options);
    const fs::path folder = target(options.folder);
    const fs::path tar = target(options.tar);
    const Aside aside(folder.empty() ? tar : folder);
    BuildResult result = write_layout(options, aside.path());
    if (!tar.empty()) {
      fs::create_directories(tar.parent_path());
      write_layout_tar(aside.path(), tar);
    }
    if (!folder.empty()) replace(folder, aside.path());
    return result;
  } catch (const fs::filesystem_error& error) {
    throw base::Error(base::ErrorKind::failed, error.what());
  }
}

}  // namespace lotse::image
