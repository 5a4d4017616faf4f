#include "kube/discovery.h"

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/strings.h"
#include "crypto/digest.h"

namespace lotse::kube {

namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using object::Kind;

constexpr auto aggregated =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
constexpr int unchanged = 304;

struct Known {
  Kind kind;
  std::vector<std::string> names = {};  ///< short names and the singular
};

std::string text_in(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

const json& array_in(const json& object, const char* key) {
  static const json none = json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : none;
}

/// What the server said, cut down to what is needed: one entry a kind, preferred versions first.
json entries_of(const json& groups) {
  json entries = json::array();
  for (const auto& group : array_in(groups, "items"))
    for (const auto& version : array_in(group, "versions"))
      for (const auto& resource : array_in(version, "resources")) {
        const auto name = group.value("/metadata/name"_json_pointer, "");
        json names = array_in(resource, "shortNames");
        names.push_back(text_in(resource, "singularResource"));
        entries.push_back({{"apiVersion", name + "/" + text_in(version, "version")},
                           {"kind", resource.value("/responseKind/kind"_json_pointer, "")},
                           {"plural", text_in(resource, "resource")},
                           {"namespaced", text_in(resource, "scope") != "Cluster"},
                           {"names", names}});
      }
  return entries;
}

/// Throws Error(failed) if the text is not aggregated discovery.
json entries_in(const std::string& body) {
  try {
    const json groups = json::parse(body);
    if (groups.at("kind") == "APIGroupDiscoveryList") return entries_of(groups);
  } catch (const json::exception& error) {
    base::log_debug(1, error.what());
  }
  throw Error(ErrorKind::failed, "the server does not say which kinds it has",
              "lotse speaks to Kubernetes 1.33 and newer");
}

std::vector<Known> kinds_in(const json& entries) {
  std::vector<Known> kinds;
  for (const auto& entry : entries) {
    Known known{
        {entry.at("apiVersion"), entry.at("kind"), entry.at("plural"), entry.at("namespaced")}};
    for (const auto& name : entry.at("names")) known.names.push_back(name);
    kinds.push_back(std::move(known));
  }
  return kinds;
}

/// The cache file of one server. Its name is a digest, because an address may hold any character.
fs::path file_for(const fs::path& folder, const std::string& server) {
  return folder / (crypto::sha256(server) + ".json");
}

/// {"etag": ..., "entries": [...]}, or null.
json cached(const fs::path& file) {
  try {
    const auto text = base::read_file_if_there(file);
    json value = text ? json::parse(*text) : json();
    if (!value.is_object()) return nullptr;
    kinds_in(value.at("entries"));  // throws where it is not what we wrote
    return text_in(value, "etag").empty() ? json() : value;
  } catch (const std::exception& error) {
    base::log_debug(1, base::cat(file.string(), " is left out: ", error.what()));
    return nullptr;
  }
}

void keep(const fs::path& file, const json& value) {
  constexpr unsigned own = 0600;
  try {
    fs::create_directories(file.parent_path());
    base::write_file_atomic(file, value.dump(), own);
  } catch (const std::exception& error) {
    base::log_debug(1, base::cat("discovery is not cached: ", error.what()));
  }
}

std::vector<Known> discover(Client& client, const fs::path& folder) {
  const auto file = file_for(folder, client.settings().server);
  const json before = cached(file);
  Call call;
  call.path = "/apis";
  call.accept = aggregated;
  if (before.is_object()) call.etag = text_in(before, "etag");
  const auto response = client.send(call);
  if (response.status == unchanged && before.is_object()) return kinds_in(before["entries"]);
  if (!response.ok()) throw client.refusal(call, response);
  const json entries = entries_in(response.body);
  if (const auto etag = response.headers.find("etag"); etag != response.headers.end())
    keep(file, {{"etag", etag->second}, {"entries", entries}});
  return kinds_in(entries);
}

}  // namespace

Kind find_kind(Client& client, const std::string& word, const fs::path& cache) {
  if (const auto* known = object::find_kind(word)) return *known;
  std::vector<std::string> words;
  for (const auto& known : discover(client, cache)) {
    if (object::is_named(known.kind, known.names, word)) return known.kind;
    words.push_back(known.kind.plural);
  }
  for (const auto& name : object::plural_names()) words.push_back(name);
  const auto near = base::closest(word, words);
  throw Error(ErrorKind::not_found, "the server has no kind '" + word + "'",
              near.empty() ? "" : "did you mean " + near + "?");
}

std::vector<Kind> kinds(Client& client, const fs::path& cache) {
  std::vector<Kind> all;
  for (auto& known : discover(client, cache)) all.push_back(std::move(known.kind));
  return all;
}

}  // namespace lotse::kube
