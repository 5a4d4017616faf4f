#include "image/contents.h"

#include <map>
#include <set>

#include "archive/tar.h"
#include "base/error.h"
#include "image/closure.h"

namespace lotse::image {

namespace fs = std::filesystem;

namespace {

constexpr const char* program_path = "bin/lotse-runner";
constexpr const char* client_path = "bin/lotse";
/// A default folder of Debian's loader, so that neither ldconfig nor LD_LIBRARY_PATH is needed.
constexpr const char* library_folder = "lib/x86_64-linux-gnu/";

Item library_item(const Library& library) {
  const fs::path path = library.relative.empty()
                            ? fs::path(library_folder + library.name)
                            : fs::path(program_path).parent_path() / library.relative;
  return {path.lexically_normal().string(), 0755, library.file, "", false};
}

/// glibc needs no nss libraries from 2.34 on: `files` and `dns` are built in.
std::vector<Item> system_files() {
  return {
      {"etc/group", 0644, "", "root:x:0:\nlotse:x:65532:\n", false},
      {"etc/nsswitch.conf", 0644, "", "passwd: files\ngroup: files\nhosts: files dns\n", false},
      {"etc/passwd", 0644, "",
       "root:x:0:0:root:/tmp:/sbin/nologin\nlotse:x:65532:65532:lotse:/tmp:/sbin/nologin\n", false},
      {"tmp", 01777, "", "", true}};
}

std::vector<Dlopened> wanted(const BuildOptions& options) {
  std::vector<Dlopened> result;
  for (const auto& entry : options.dlopened)
    if (options.cuda || !entry.cuda) result.push_back(entry);
  return result;
}

void add_folders_above(const std::string& path, std::map<std::string, Item>& items) {
  for (fs::path above = fs::path(path).parent_path(); !above.empty(); above = above.parent_path())
    items.try_emplace(above.string(), Item{above.string(), 0755, "", "", true});
}

}  // namespace

std::vector<LayerContents> contents(const BuildOptions& options) {
  LayerContents system{"system", system_files()};
  LayerContents libraries{"libraries", {}};
  LayerContents client{"lotse", {}};
  LayerContents runner{"runner", {}};
  std::set<std::string> there;
  // What both load is where the runner has it, so that its layers do not depend on `lotse`.
  const auto add = [&](const fs::path& program, const char* path,
                       const std::vector<Dlopened>& dlopened, LayerContents& own, bool apart) {
    if (program.empty()) return;
    const Closure closure =
        find_closure(program, dlopened, {options.library_folders, system_folders()});
    own.items.push_back({path, 0755, program, "", false});
    const auto place = [&](Item item, LayerContents& layer) {
      if (there.insert(item.path).second) (apart ? own : layer).items.push_back(std::move(item));
    };
    if (!closure.interpreter.empty())
      place({closure.interpreter.relative_path().string(), 0755, closure.interpreter, "", false},
            system);
    for (const auto& library : closure.libraries)
      place(library_item(library), !library.relative.empty() ? own
                                   : library.of_system       ? system
                                                             : libraries);
  };
  add(options.runner, program_path, wanted(options), runner, false);
  add(options.client, client_path, options.client_dlopened, client, !options.runner.empty());
  std::vector<LayerContents> layers;
  for (auto& layer : {system, libraries, client, runner})
    if (!layer.items.empty()) layers.push_back(layer);
  return layers;
}

void write_tar(const LayerContents& layer, const archive::Sink& out) {
  std::map<std::string, Item> sorted;
  for (const auto& item : layer.items) {
    if (item.path.rfind("..", 0) == 0 || !sorted.emplace(item.path, item).second)
      throw base::Error(base::ErrorKind::failed, "two files of the image would be " + item.path);
    add_folders_above(item.path, sorted);
  }
  archive::TarWriter tar(out);
  for (const auto& [path, item] : sorted) {
    if (item.folder)
      tar.add_folder(path, item.mode);
    else if (item.source.empty())
      tar.add_text(path, item.mode, item.text);
    else
      tar.add_file(path, item.mode, item.source);
  }
  tar.finish();
}

}  // namespace lotse::image
