#include "action/files.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/strings.h"
#include "contract/file_reference.h"

namespace lotse::action {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using schema::FileUse;

bool is_pattern(const std::string& text) {
  return text.find_first_of("*?[") != std::string::npos;
}

/// A bare word such as yolo26n: names an architecture unless a file of that name is here.
bool may_be_name(const std::string& text) {
  return text.find_first_of("/.*?[") == std::string::npos;
}

/// The folder to mount and the path inside it. Inputs that are folders are mounted themselves; of
/// files, patterns and outputs the folder around them.
std::pair<fs::path, std::string> split_path(const std::string& text, FileUse use) {
  fs::path path = fs::absolute(text).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "runs/" is "runs"
  if (use == FileUse::in && !is_pattern(text) && fs::is_directory(path)) return {path, ""};
  fs::path folder = path.parent_path();
  while (is_pattern(folder.string())) folder = folder.parent_path();
  return {folder, path.lexically_relative(folder).string()};
}

/// Volumes that the templates' pods have of their own.
bool is_of_the_pod(const std::string& volume) {
  return volume == "config" || volume == "tmp" || volume == "shm";
}

/// The name of a claim as that of a volume, which has no '.' and is shorter: a DNS label, with room
/// for a number behind it.
std::string volume_name(const std::string& claim) {
  constexpr size_t longest = 60;
  auto name = base::replace_all(claim, ".", "-").substr(0, longest);
  while (name.ends_with('-')) name.pop_back();
  return name;
}

class Resolver {
 public:
  Resolver(std::string workload, bool local) : workload_(std::move(workload)), local_(local) {}

  /// `needed`: it is to be somewhere, though nobody gave it.
  void resolve(const schema::Flag& flag, bool needed, json& values) {
    json& value = values[flag.key];
    const bool given = !value.is_null() && value != flag.default_value;
    if (!local_ && !given && needed && !flag.cluster_default.empty()) {
      value = on_created_claim(flag);
    } else if (!given && needed && !flag.needed_with.empty()) {
      mistakes_.push_back({where(flag),
                           "is needed with --" + base::replace_all(flag.needed_with, "_", "-"),
                           "name a folder"});
    } else if (value.is_null()) {
      values.erase(flag.key);
    } else if (value.is_string()) {
      value = resolve_one(flag, value.get<std::string>());
    } else if (value.is_array()) {
      for (auto& item : value)
        if (item.is_string()) item = resolve_one(flag, item.get<std::string>());
    }
  }

  ResolvedFiles finish(json values) {
    base::throw_if_any(std::move(mistakes_));
    ResolvedFiles result{std::move(values), json::array(), std::move(folders_)};
    for (auto& [name, volume] : volumes_) result.volumes.push_back(std::move(volume));
    return result;
  }

 private:
  /// The cluster_default "volume:output/PATH", on a claim of the workload's own.
  std::string on_created_claim(const schema::Flag& flag) {
    const auto reference = contract::parse_volume_path(flag.cluster_default);
    if (!reference) return flag.cluster_default;
    const auto name = add({{"claim", workload_ + "-" + reference->volume}, {"created", true}},
                          reference->volume, false);
    return "volume:" + name + "/" + reference->path;
  }

  std::string resolve_one(const schema::Flag& flag, const std::string& text) {
    if (text.empty()) return text;
    try {
      if (const auto reference = contract::parse_volume_path(text)) {
        const auto name = add({{"claim", reference->volume}, {"created", false}},
                              volume_name(reference->volume), flag.file == FileUse::in);
        return "volume:" + name + "/" + reference->path;
      }
    } catch (const base::Error& error) {
      mistakes_.push_back({where(flag), error.what(), error.hint()});
      return text;
    }
    if (flag.file == FileUse::in && may_be_name(text) && !(local_ && fs::exists(text))) return text;
    return local_ ? local_path(flag, text) : on_cluster(flag, text);
  }

  std::string local_path(const schema::Flag& flag, const std::string& text) {
    const auto [folder, inside] = split_path(text, flag.file);
    const bool there = is_pattern(text) ? fs::is_directory(folder) : fs::exists(text);
    if (flag.file == FileUse::in && !there) {
      mistakes_.push_back({where(flag), "there is no file '" + text + "'", ""});
      return text;
    }
    if (flag.file == FileUse::out) folders_.push_back(folder);
    const auto name = add({{"hostPath", folder.string()}, {"created", false}},
                          base::replace_all(flag.key, "_", "-"), flag.file == FileUse::in);
    return "volume:" + name + "/" + inside;
  }

  std::string on_cluster(const schema::Flag& flag, const std::string& text) {
    mistakes_.push_back({where(flag),
                         "'" + text + "' is a path of this machine, which a pod cannot see",
                         "`lotse push` brings it into a volume claim: name it volume:CLAIM/PATH; "
                         "or run it here with --on local"});
    return text;
  }

  static std::string where(const schema::Flag& flag) {
    return flag.positional ? base::upper(flag.name) : "--" + flag.name;
  }

  /// The name of the volume with this source: the one that is there already, or a new one called
  /// `wanted`, with a number behind it if the name is taken.
  std::string add(json volume, const std::string& wanted, bool read_only) {
    const char* source = volume.contains("claim") ? "claim" : "hostPath";
    for (auto& [name, known] : volumes_)
      if (known.contains(source) && known[source] == volume[source]) {
        known["readOnly"] = known["readOnly"].get<bool>() && read_only;
        return name;
      }
    std::string name = wanted;
    for (int i = 2; volumes_.contains(name) || is_of_the_pod(name); ++i)
      name = base::cat(wanted, "-", i);
    volume["name"] = name;
    volume["mountPath"] = "/volumes/" + name;
    volume["readOnly"] = read_only;
    volumes_[name] = std::move(volume);
    return name;
  }

  std::string workload_;
  bool local_;
  std::map<std::string, json> volumes_;
  std::vector<fs::path> folders_;
  base::Diagnostics mistakes_;
};

}  // namespace

ResolvedFiles resolve_files(const std::vector<schema::Flag>& flags, const json& values,
                            const std::string& workload, bool local) {
  Resolver resolver(workload, local);
  json resolved = values;
  const auto is_given = [&](const std::string& key) {
    return std::any_of(flags.begin(), flags.end(), [&](const schema::Flag& flag) {
      return flag.key == key && values.value(key, json()) != flag.default_value;
    });
  };
  for (const auto& flag : flags)
    if (flag.file != FileUse::none)
      resolver.resolve(flag, flag.needed_with.empty() || is_given(flag.needed_with), resolved);
  return resolver.finish(std::move(resolved));
}

}  // namespace lotse::action
