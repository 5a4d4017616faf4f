#include "image/closure.h"

#include <glob.h>

#include <deque>
#include <map>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "image/elf.h"

namespace lotse::image {

namespace fs = std::filesystem;

namespace {

/// One loaded file; `loader` is what asked for it, as an index, or itself for the program.
struct Loaded {
  std::string name;
  fs::path file;
  Elf elf;
  size_t loader;
};

struct Found {
  fs::path file;
  bool of_system;
};

std::string expand(std::string entry, const fs::path& origin) {
  for (const auto& [word, value] : std::map<std::string, std::string>{
           {"ORIGIN", origin.string()}, {"LIB", "lib/x86_64-linux-gnu"}, {"PLATFORM", "x86_64"}}) {
    entry = base::replace_all(entry, base::cat("${", word, "}"), value);
    entry = base::replace_all(entry, base::cat("$", word), value);
  }
  return entry;
}

class Search {
 public:
  explicit Search(const SearchFolders& folders) : folders_(folders) {}

  void run(const fs::path& program, const std::vector<Dlopened>& dlopened) {
    load("", fs::canonical(program), 0, false, "");
    for (size_t next = 0; next < loaded_.size(); ++next) {
      for (const auto& name : std::vector<std::string>(loaded_[next].elf.needed)) want(name, next);
      if (next + 1 == loaded_.size()) open_declared(dlopened);
    }
    report_unused(dlopened);
    base::throw_if_any(std::move(diagnostics_));
  }

  Closure take() { return std::move(closure_); }

 private:
  /// Adds what is loaded by dlopen after all that the headers name, which is the order at run time.
  void open_declared(const std::vector<Dlopened>& dlopened) {
    for (size_t i = 0; i < dlopened.size(); ++i) {
      if (opened_.count(i) > 0) continue;
      for (size_t loader = 0; loader < loaded_.size(); ++loader) {
        if (loaded_[loader].file.filename() != dlopened[i].by &&
            loaded_[loader].name != dlopened[i].by)
          continue;
        opened_.insert(i);
        want(dlopened[i].name, loader);
        break;
      }
    }
  }

  void report_unused(const std::vector<Dlopened>& dlopened) {
    for (size_t i = 0; i < dlopened.size(); ++i)
      if (opened_.count(i) == 0)
        diagnostics_.push_back(
            {dlopened[i].name,
             base::cat("is loaded by ", dlopened[i].by, ", which is not in the image"), ""});
  }

  void want(const std::string& name, size_t loader) {
    if (known_.count(name) > 0 || is_of_driver(name)) return;
    known_.insert(name);
    const auto found = find(name, loader);
    if (!found) {
      diagnostics_.push_back(
          {loaded_[loader].file.string(), "needs " + name + ", which is not found",
           "where the loader finds it here by LD_LIBRARY_PATH, name that folder"});
      return;
    }
    const bool relative = name.find('/') != std::string::npos && name.front() != '/';
    load(relative ? found->file.filename().string() : name, found->file, loader, found->of_system,
         relative ? name : "");
  }

  void load(const std::string& name, const fs::path& file, size_t loader, bool of_system,
            const std::string& relative) {
    Elf elf;
    try {
      elf = read_elf(file);
    } catch (const base::Error& error) {
      if (loaded_.empty()) throw;
      diagnostics_.insert(diagnostics_.end(), error.diagnostics().begin(),
                          error.diagnostics().end());
      return;
    }
    if (loaded_.empty() && !elf.interpreter.empty()) {
      closure_.interpreter = elf.interpreter;
      known_.insert(closure_.interpreter.filename());
    }
    if (!elf.soname.empty()) known_.insert(elf.soname);
    if (!loaded_.empty()) closure_.libraries.push_back({name, file, relative, of_system});
    loaded_.push_back({name, file, std::move(elf), loader});
  }

  std::optional<Found> find(const std::string& name, size_t loader) const {
    if (name.find('/') != std::string::npos) {
      const fs::path file = (loaded_[loader].file.parent_path() / name).lexically_normal();
      return fs::is_regular_file(file) ? std::optional<Found>({file, false}) : std::nullopt;
    }
    const Elf& elf = loaded_[loader].elf;
    if (!elf.has_runpath)
      for (const size_t link : chain(loader))
        if (auto file = in_run_path(loaded_[link].elf.rpath, link, name))
          return Found{*file, false};
    if (auto file = in_folders(folders_.given, name)) return Found{*file, false};
    if (auto file = in_run_path(elf.runpath, loader, name)) return Found{*file, false};
    if (auto file = in_folders(folders_.system, name)) return Found{*file, true};
    return std::nullopt;
  }

  /// The loader, its loader, and so on up to the program.
  std::vector<size_t> chain(size_t from) const {
    std::vector<size_t> result{from};
    while (result.back() != 0) result.push_back(loaded_[result.back()].loader);
    return result;
  }

  std::optional<fs::path> in_run_path(const std::vector<std::string>& entries, size_t owner,
                                      const std::string& name) const {
    std::vector<fs::path> folders;
    for (const auto& entry : entries) {
      const fs::path folder = expand(entry, loaded_[owner].file.parent_path());
      // A relative folder depends on where the program is started; an image must not depend on
      // that.
      if (folder.is_absolute()) folders.push_back(folder.lexically_normal());
    }
    return in_folders(folders, name);
  }

  static std::optional<fs::path> in_folders(const std::vector<fs::path>& folders,
                                            const std::string& name) {
    for (const auto& folder : folders) {
      const fs::path file = folder / name;
      if (fs::is_regular_file(file) && !is_foreign(file)) return file;
    }
    return std::nullopt;
  }

  const SearchFolders& folders_;
  std::vector<Loaded> loaded_;
  std::set<std::string> known_;  ///< names and SONAMEs, found or not
  std::set<size_t> opened_;
  Closure closure_;
  base::Diagnostics diagnostics_;
};

void read_conf(const fs::path& file, int depth, std::vector<fs::path>& folders) {
  const auto text = base::read_file_if_there(file);
  if (!text || depth > 8) return;
  for (const auto& raw : base::split(*text, '\n')) {
    const std::string line = base::trim(raw.substr(0, raw.find('#')));
    if (line.rfind("include ", 0) == 0) {
      const fs::path pattern = file.parent_path() / base::trim(line.substr(8));
      ::glob_t matches{};
      if (::glob(pattern.c_str(), 0, nullptr, &matches) == 0)
        for (size_t i = 0; i < matches.gl_pathc; ++i)
          read_conf(matches.gl_pathv[i], depth + 1, folders);
      ::globfree(&matches);
    } else if (!line.empty() && line.front() == '/') {
      folders.emplace_back(line);
    }
  }
}

}  // namespace

std::vector<fs::path> system_folders(const fs::path& ld_so_conf) {
  std::vector<fs::path> folders;
  read_conf(ld_so_conf, 0, folders);
  for (const char* folder : {"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64",
                             "/usr/lib64", "/lib", "/usr/lib"})
    folders.emplace_back(folder);
  return folders;
}

Closure find_closure(const fs::path& program, const std::vector<Dlopened>& dlopened,
                     const SearchFolders& folders) {
  if (!fs::is_regular_file(program)) throw base::Error({{program.string(), "is not there", ""}});
  Search search(folders);
  search.run(program, dlopened);
  return search.take();
}

}  // namespace lotse::image
