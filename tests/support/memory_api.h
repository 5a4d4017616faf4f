#pragma once
#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "net/transport.h"
#include "object/member.h"

namespace lotse::test {

using nlohmann::json;

/// An API server in memory, behind the port to HTTP: objects with uid and resourceVersion, create,
/// get, list by labels or a field, merge patch, server-side apply (without field managers: what is
/// no longer sent stays), delete with preconditions, dry runs, and a garbage collector that is
/// never late. Watches are open and silent;
/// other streams are answered when they are opened.
class MemoryApi : public net::Transport {
 public:
  std::map<std::string, json> objects;  ///< by path
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

  net::Response send(const net::Request& request) override {
    const int number = ++count;
    if (const auto run = before) run(number);
    const auto [status, body] = answer(request);
    collect_garbage();
    if (const auto run = after) run(number);
    return {status, {}, body.dump()};
  }
  Stream open(const net::Request& request, net::StreamHandler handler) override {
    if (request.url.find("watch=") != std::string::npos) return 1;
    const auto response = send(request);
    handler.on_head({response.status, {}, ""});
    handler.on_data(response.body);
    handler.on_end({});
    return 1;
  }
  void close(Stream) override {}
  std::unique_ptr<net::Channel> connect(const net::Request&) override { return nullptr; }
  void poll(std::chrono::milliseconds) override {}

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

  Answer answer(const net::Request& request) {
    constexpr std::string_view server = "http://memory";
    const auto url = request.url.substr(server.size());
    const auto mark = std::min(url.find('?'), url.size());
    const auto path = url.substr(0, mark);
    const auto query = query_of(mark < url.size() ? url.substr(mark + 1) : "");
    const bool dry_run = query.contains("dryRun");
    last_write.reset();
    if (request.method != "GET" && !dry_run) last_write = Write{request.method, path};
    if (refuse)
      if (auto refused = refuse(request.method, path, dry_run)) return *refused;
    const json body = request.body.empty() ? json() : json::parse(request.body);
    const auto found = objects.find(path);
    if (request.method == "POST") return create(path, body, dry_run);
    if (request.method == "GET" && found == objects.end() && query.contains("limit"))
      return list(path, query);
    if (request.method == "PATCH" && found == objects.end() &&
        request.body.find("\"kind\"") != std::string::npos)
      return create(path.substr(0, path.rfind('/')), body, dry_run);
    if (found == objects.end()) return error(404, path + " not found");
    if (request.method == "GET") return {200, found->second};
    if (request.method == "PATCH") return patch(found->second, body, dry_run);
    return remove(path, body.value("preconditions", json::object()));
  }

  Answer create(const std::string& collection, json object, bool dry_run) {
    const auto path = collection + "/" + object["metadata"]["name"].get<std::string>();
    if (objects.contains(path)) return error(409, path + " already exists");
    object["metadata"]["uid"] = "uid-" + std::to_string(++last_);
    object["metadata"]["resourceVersion"] = std::to_string(++last_);
    if (!dry_run) objects[path] = object;
    return {201, object};
  }

  Answer patch(json& object, const json& body, bool dry_run) {
    const auto expected = object::text_at(body, {"metadata", "resourceVersion"});
    if (!expected.empty() && json(expected) != object["metadata"]["resourceVersion"])
      return error(409, "the object has been modified");
    json changed = object;
    changed.merge_patch(body);
    if (changed != object) changed["metadata"]["resourceVersion"] = std::to_string(++last_);
    if (!dry_run) object = changed;
    return {200, changed};
  }

  Answer remove(const std::string& path, const json& conditions) {
    const auto& metadata = objects[path]["metadata"];
    for (const auto& [key, value] : conditions.items())
      if (metadata[key] != value) return error(409, "the precondition " + key + " fails");
    objects.erase(path);
    return {200, {{"kind", "Status"}, {"status", "Success"}}};
  }

  /// By a selector such as "a=b,c=d".
  static bool has_labels(const json& object, const std::string& selector) {
    for (size_t begin = 0; begin < selector.size();) {
      const auto end = std::min(selector.find(',', begin), selector.size());
      const auto part = selector.substr(begin, end - begin);
      const auto equals = part.find('=');
      if (object::text_at(object, {"metadata", "labels", part.substr(0, equals).c_str()}) !=
          part.substr(equals + 1))
        return false;
      begin = end + 1;
    }
    return true;
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
    for (const auto& [path, object] : objects) {
      if (path.substr(0, path.rfind('/')) != collection) continue;
      if (const auto wanted = query.find("labelSelector"); wanted != query.end())
        if (!has_labels(object, wanted->second)) continue;
      if (const auto wanted = query.find("fieldSelector"); wanted != query.end())
        if (!has_field(object, wanted->second)) continue;
      items.push_back(object);
    }
    return {200, {{"metadata", {{"resourceVersion", std::to_string(last_)}}}, {"items", items}}};
  }

  bool is_there(const json& uid) const {
    return std::any_of(objects.begin(), objects.end(),
                       [&](const auto& entry) { return entry.second["metadata"]["uid"] == uid; });
  }

  void collect_garbage() {
    std::erase_if(objects, [&](const auto& entry) {
      const auto owners = entry.second["metadata"].value("ownerReferences", json::array());
      return !owners.empty() && !is_there(owners[0]["uid"]);
    });
  }

  int last_ = 0;
};

}  // namespace lotse::test
