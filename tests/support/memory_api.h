#pragma once
#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "net/transport.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::test {

using nlohmann::json;

/// An API server in memory: objects with uid and resourceVersion, create, get, list and watch by
/// labels or name, merge patch, server-side apply (without field managers: what is no longer sent
/// stays), delete with preconditions, dry runs, logs of pods, and a garbage collector that is never
/// late. ToMemory (api_target.h) is the way to it; several threads may each have one.
class MemoryApi {
 public:
  std::map<std::string, json> objects;      ///< by path
  std::map<std::string, std::string> logs;  ///< by the pod's name: lines with timestamps
  /// Called before and after each request is carried out, with how many there were; may throw.
  std::function<void(int)> before = {};
  std::function<void(int)> after = {};
  int count = 0;
  /// A request that is no dry run and not only reads.
  struct Write {
    std::string method;
    std::string path;
  };
  std::optional<Write> last_write = {};  ///< whether the request now at hand is one
  /// Answers some requests instead: a status and body, or nothing.
  std::function<std::optional<std::pair<int, json>>(const std::string& method,
                                                    const std::string& path, bool dry_run)>
      refuse = {};
  /// The same by the whole request.
  std::function<std::optional<std::pair<int, json>>(const net::Request& request)> refuse_request =
      {};

  /// What a watch tells of.
  struct Event {
    std::string type;
    std::string path;
    json object;
  };

  net::Response send(const net::Request& request) {
    const std::lock_guard lock(mutex_);
    const int number = ++count;
    if (const auto run = before) run(number);
    const auto response = answer_to(request);
    collect_garbage();
    if (const auto run = after) run(number);
    return response;
  }

  /// What has happened since the first `seen` events to objects that the watch `request` is about.
  std::vector<Event> events_after(size_t& seen, const net::Request& request) {
    const std::lock_guard lock(mutex_);
    const auto [path, query] = parsed(request);
    std::vector<Event> found;
    for (; seen < events_.size(); ++seen)
      if (is_listed(events_[seen].path, events_[seen].object, path, query))
        found.push_back(events_[seen]);
    return found;
  }
  /// How many events there were when the version was given that the watch `request` begins with.
  size_t seen_at(const net::Request& request) {
    const std::lock_guard lock(mutex_);
    const auto [path, query] = parsed(request);
    const auto version = query.find("resourceVersion");
    const int from = version == query.end() ? 0 : std::stoi(version->second);
    size_t seen = 0;
    while (seen < events_.size() && version_of(events_[seen].object) <= from) ++seen;
    return seen;
  }

  /// What a controller does: writes an object whole, its status too.
  void put(const std::string& path, json object) {
    const std::lock_guard lock(mutex_);
    const bool is_new = !objects.contains(path);
    auto& metadata = object["metadata"];
    if (is_new) metadata["uid"] = "uid-" + std::to_string(++last_);
    metadata["resourceVersion"] = std::to_string(++last_);
    objects[path] = object;
    events_.push_back({is_new ? "ADDED" : "MODIFIED", path, std::move(object)});
  }

 private:
  using Query = std::map<std::string, std::string>;
  using Answer = std::pair<int, json>;

  static Answer error(int code, const std::string& message) {
    return {code, {{"kind", "Status"}, {"code", code}, {"message", message}}};
  }

  /// Decodes what Client encodes of selectors.
  static std::string decoded(std::string text) {
    for (size_t at = text.find('%'); at != std::string::npos; at = text.find('%', at + 1))
      text.replace(at, 3, 1, static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16)));
    return text;
  }

  static Query query_of(const std::string& text) {
    Query query;
    for (size_t begin = 0; begin < text.size();) {
      const auto end = std::min(text.find('&', begin), text.size());
      const auto part = text.substr(begin, end - begin);
      const auto equals = part.find('=');
      query[part.substr(0, equals)] = decoded(part.substr(equals + 1));
      begin = end + 1;
    }
    return query;
  }

  static std::pair<std::string, Query> parsed(const net::Request& request) {
    constexpr std::string_view server = "http://memory";
    const auto url = request.url.substr(server.size());
    const auto mark = std::min(url.find('?'), url.size());
    return {url.substr(0, mark), query_of(mark < url.size() ? url.substr(mark + 1) : "")};
  }

  net::Response answer_to(const net::Request& request) {
    const auto [path, query] = parsed(request);
    constexpr std::string_view log = "/log";
    if (path.ends_with(log))
      return {200, {}, log_of(path.substr(0, path.size() - log.size()), query)};
    const auto [status, body] = answer(request, path, query);
    return {status, {}, body.dump()};
  }

  /// Of the pod at `path`.
  std::string log_of(const std::string& path, const Query& query) {
    auto text = logs[path.substr(path.rfind('/') + 1)];
    const auto tail = query.find("tailLines");
    if (tail == query.end()) return text;
    auto lines = std::count(text.begin(), text.end(), '\n');
    for (; lines > std::stoi(tail->second); --lines) text.erase(0, text.find('\n') + 1);
    return text;
  }

  Answer answer(const net::Request& request, const std::string& path, const Query& query) {
    const bool dry_run = query.contains("dryRun");
    last_write.reset();
    if (request.method != "GET" && !dry_run) last_write = Write{request.method, path};
    if (refuse)
      if (auto refused = refuse(request.method, path, dry_run)) return *refused;
    if (refuse_request)
      if (auto refused = refuse_request(request)) return *refused;
    const json body = request.body.empty() ? json() : json::parse(request.body);
    constexpr std::string_view scale = "/scale";
    if (request.method == "PATCH" && path.ends_with(scale))
      return patch_scale(path.substr(0, path.size() - scale.size()), body, dry_run);
    const auto found = objects.find(path);
    if (request.method == "POST") return create(path, body, dry_run);
    if (request.method == "GET" && found == objects.end() && query.contains("limit"))
      return list(path, query);
    if (request.method == "PATCH" && found == objects.end() &&
        request.body.find("\"kind\"") != std::string::npos)
      return create(path.substr(0, path.rfind('/')), body, dry_run);
    if (found == objects.end()) return error(404, path + " not found");
    if (request.method == "GET") return {200, found->second};
    if (request.method == "PATCH") return patch(path, body, dry_run);
    return remove(path, body.value("preconditions", json::object()));
  }

  Answer create(const std::string& collection, json object, bool dry_run) {
    const auto path = collection + "/" + object["metadata"]["name"].get<std::string>();
    if (objects.contains(path)) return error(409, path + " already exists");
    object["metadata"]["uid"] = "uid-" + std::to_string(++last_);
    object["metadata"]["resourceVersion"] = std::to_string(++last_);
    if (!dry_run) {
      objects[path] = object;
      events_.push_back({"ADDED", path, object});
    }
    return {201, object};
  }

  Answer patch(const std::string& path, const json& body, bool dry_run) {
    json& object = objects[path];
    const auto expected = object::text_at(body, {"metadata", "resourceVersion"});
    if (!expected.empty() && json(expected) != object["metadata"]["resourceVersion"])
      return error(409, "the object has been modified");
    json changed = object;
    changed.merge_patch(body);
    if (changed == object) return {200, changed};
    changed["metadata"]["resourceVersion"] = std::to_string(++last_);
    if (!dry_run) {
      object = changed;
      events_.push_back({"MODIFIED", path, changed});
    }
    return {200, changed};
  }

  Answer patch_scale(const std::string& path, const json& body, bool dry_run) {
    if (!objects.contains(path)) return error(404, path + " not found");
    return patch(path, {{"spec", body["spec"]}}, dry_run);
  }

  Answer remove(const std::string& path, const json& conditions) {
    const auto& metadata = objects[path]["metadata"];
    for (const auto& [key, value] : conditions.items())
      if (metadata[key] != value) return error(409, "the precondition " + key + " fails");
    take_away(path);
    return {200, {{"kind", "Status"}, {"status", "Success"}}};
  }

  void take_away(const std::string& path) {
    auto gone = objects[path];
    gone["metadata"]["resourceVersion"] = std::to_string(++last_);
    objects.erase(path);
    events_.push_back({"DELETED", path, std::move(gone)});
  }

  /// By a selector such as "a=b,c in (d,e)".
  static bool has_labels(const json& object, const std::string& selector) {
    for (size_t begin = 0; begin < selector.size();) {
      const auto many = selector.find(" in (", begin);
      auto end = std::min(selector.find(',', begin), selector.size());
      const bool is_set = many < end;
      if (is_set) end = std::min(selector.find(')', many) + 1, selector.size());
      const auto part = selector.substr(begin, end - begin);
      const auto key = part.substr(0, part.find(is_set ? ' ' : '='));
      const auto value = object::text_at(object, {"metadata", "labels", key.c_str()});
      const auto rest = part.substr(key.size());
      const bool has =
          is_set ? ("," + rest.substr(5, rest.size() - 6) + ",").find("," + value + ",") !=
                       std::string::npos
                 : rest == "=" + value;
      if (!has) return false;
      begin = end + 1;
    }
    return true;
  }

  static bool is_listed(const std::string& path, const json& object, const std::string& collection,
                        const Query& query) {
    if (path.substr(0, path.rfind('/')) != collection) return false;
    if (const auto wanted = query.find("labelSelector"); wanted != query.end())
      if (!has_labels(object, wanted->second)) return false;
    const auto wanted = query.find("fieldSelector");
    return wanted == query.end() || has_field(object, wanted->second);
  }

  static int version_of(const json& object) {
    return std::stoi(object["metadata"]["resourceVersion"].get<std::string>());
  }

  /// By a selector such as "metadata.name=x".
  static bool has_field(const json& object, const std::string& selector) {
    const auto equals = selector.find('=');
    auto path = "/" + selector.substr(0, equals);
    std::replace(path.begin(), path.end(), '.', '/');
    return object.value(json::json_pointer(path), "") == selector.substr(equals + 1);
  }

  Answer list(const std::string& collection, const Query& query) const {
    json items = json::array();
    for (const auto& [path, object] : objects)
      if (is_listed(path, object, collection, query)) items.push_back(object);
    return {200, {{"metadata", {{"resourceVersion", std::to_string(last_)}}}, {"items", items}}};
  }

  bool is_there(const json& uid) const {
    return std::any_of(objects.begin(), objects.end(),
                       [&](const auto& entry) { return entry.second["metadata"]["uid"] == uid; });
  }

  void collect_garbage() {
    while (true) {
      const auto found = std::find_if(objects.begin(), objects.end(), [&](const auto& entry) {
        const auto owners = entry.second["metadata"].value("ownerReferences", json::array());
        return !owners.empty() && !is_there(owners[0]["uid"]);
      });
      if (found == objects.end()) return;
      take_away(std::string(found->first));
    }
  }

  int last_ = 0;
  std::vector<Event> events_;
  std::recursive_mutex mutex_;  ///< `before` and `after` may send requests themselves
};

}  // namespace lotse::test
