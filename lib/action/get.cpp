#include "action/get.h"

#include <algorithm>
#include <map>
#include <set>

#include "action/cluster.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "document/raw_json.h"
#include "kube/discovery.h"
#include "kube/pages.h"
#include "kube/watch.h"
#include "object/reference.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;
using kube::json;
using object::Kind;

std::string text_of(const json& cell) {
  if (cell.is_string()) return cell.get<std::string>();
  return cell.is_null() ? "" : cell.dump();
}

/// What a server gives for one query, turned into what the sink takes.
class Reading {
 public:
  Reading(Kind kind, const GetQuery& query, const GetSink& sink)
      : kind_(std::move(kind)), query_(query), sink_(sink) {}

  const Kind& kind() const { return kind_; }
  size_t count() const { return count_; }

  /// How to ask for one object, a page or a watch. Names come as metadata: in a table some kinds
  /// have an order of their own.
  void shape(kube::Call& call, bool single) const {
    if (query_.form == Form::table) {
      call.accept = kube::as_table;
      call.query.emplace_back("includeObject", needs_object() ? "Metadata" : "None");
    } else if (query_.form == Form::names && !single) {
      call.accept = kube::as_metadata;
    }
  }

  void page(const std::string& body) {
    if (query_.form == Form::objects) return raw_page(body);
    if (query_.form == Form::names) return names(body);
    const json page = json::parse(body, nullptr, false);
    if (!page.is_object()) throw Error(ErrorKind::failed, "the answer is not JSON");
    table(page);
  }

  void single(const std::string& body) {
    if (query_.form == Form::objects) {
      ++count_;
      sink_.on_object(completed(body));
    } else if (query_.form == Form::names) {
      name(document::raw_text(body, {"metadata", "name"}));
    } else {
      page(body);
    }
  }

  void event(const kube::WatchEvent& event) {
    const auto& object = event.object;
    const bool gone = event.type == "DELETED";
    if (query_.form == Form::table) {
      table(object, gone);
    } else {
      note(object.value("metadata", json::object()), gone);
      query_.form == Form::objects ? sink_.on_object(completed(object.dump()))
                                   : name(object::name_of(object));
    }
  }

  /// Before everything is listed again: only what has changed since is shown.
  void begin_again() { present_.clear(); }
  /// Afterwards: what is no longer there.
  void end_again() {
    for (auto at = versions_.begin(); at != versions_.end();) {
      const bool there = present_.count(at->first) != 0;
      if (!there) sink_.on_note(at->first + " was deleted while the watch was interrupted");
      at = there ? std::next(at) : versions_.erase(at);
    }
  }

 private:
  bool tells_namespace() const { return query_.all_namespaces && kind_.namespaced; }
  bool needs_object() const {
    return query_.form == Form::table && (tells_namespace() || query_.watch);
  }

  /// Remembers the state that is about to be shown; false if it was shown already.
  bool note(const json& metadata, bool gone) {
    if (!query_.watch) return true;
    const auto space = metadata.value("namespace", "");
    const auto key = (space.empty() ? "" : space + "/") + metadata.value("name", "");
    const auto version = metadata.value("resourceVersion", "");
    present_.insert(key);
    if (gone) return versions_.erase(key) > 0;
    const bool fresh = versions_[key] != version;
    versions_[key] = version;
    return fresh;
  }

  void table(const json& page, bool gone = false) {
    if (page.value("kind", "") != "Table") return names_as_table(page);
    if (const auto columns = page.find("columnDefinitions");
        columns != page.end() && columns->is_array() && !columns->empty())
      set_columns(*columns);
    TablePage out{columns_, {}};
    for (const auto& row : page.at("rows")) {
      const json metadata = needs_object() ? row.at("object").at("metadata") : json::object();
      if (!note(metadata, gone)) continue;
      out.rows.emplace_back();
      if (tells_namespace()) out.rows.back().push_back(metadata.value("namespace", ""));
      for (const auto& cell : row.at("cells")) out.rows.back().push_back(text_of(cell));
    }
    count_ += out.rows.size();
    sink_.on_table(out);
  }

  void set_columns(const json& definitions) {
    columns_.clear();
    if (tells_namespace()) columns_.push_back({"Namespace"});
    for (const auto& column : definitions)
      columns_.push_back({column.value("name", ""), column.value("priority", 0) != 0});
  }

  /// A server of an extension that makes no tables.
  void names_as_table(const json& page) {
    TablePage out{{{"Name"}}, {}};
    const json one = json::array({page});
    for (const auto& object : page.contains("items") ? page.at("items") : one)
      out.rows.push_back({object::name_of(object)});
    count_ += out.rows.size();
    sink_.on_table(out);
  }

  void names(const std::string& body) {
    for (const auto item : kube::items_of(body)) {
      if (query_.watch && !note(json::parse(document::raw_member(item, "metadata")), false))
        continue;
      name(document::raw_text(item, {"metadata", "name"}));
    }
  }

  void name(std::string_view name) {
    ++count_;
    sink_.on_name(base::cat(object::type_name(kind_), "/", name));
  }

  void raw_page(const std::string& body) {
    for (const auto item : kube::items_of(body)) {
      if (query_.watch && !note(json::parse(document::raw_member(item, "metadata")), false))
        continue;
      ++count_;
      sink_.on_object(completed(item));
    }
  }

  /// With the apiVersion and kind that the items of a list lack, and without managedFields.
  std::string completed(std::string_view item) const {
    static const std::vector<document::RawPath> managed_fields = {{"metadata", "managedFields"}};
    static const std::vector<document::RawPath> nothing;
    return kube::item_text(item, kind_, query_.managed_fields ? nothing : managed_fields);
  }

  Kind kind_;
  const GetQuery& query_;
  const GetSink& sink_;
  std::vector<Column> columns_;
  size_t count_ = 0;
  std::map<std::string, std::string> versions_;  ///< what was shown, while watching
  std::set<std::string> present_;
};

kube::Selector selector_of(const GetQuery& query) {
  kube::Selector selector{query.labels, query.fields};
  if (query.watch && !query.names.empty())
    selector.fields += (selector.fields.empty() ? "" : ",") + ("metadata.name=" + query.names[0]);
  return selector;
}

void get_named(kube::Client& client, const GetQuery& query, Reading& reading) {
  std::optional<Error> missing;
  for (const auto& name : query.names) {
    kube::Call call;
    call.path = object::path_of(reading.kind(), client.name_space(), name);
    reading.shape(call, true);
    const auto response = client.send(call);
    if (response.ok()) {
      reading.single(response.body);
      continue;
    }
    const auto error = client.refusal(call, response);
    if (error.kind() != ErrorKind::not_found) throw error;
    if (!missing) missing = error;
  }
  if (missing) throw Error(*missing);
}

std::string get_pages(kube::Client& client, const GetQuery& query, const GetSink& sink,
                      Reading& reading) {
  const auto space = query.all_namespaces ? "" : client.name_space();
  auto call = kube::list_call(reading.kind(), space, selector_of(query));
  reading.shape(call, false);
  return kube::each_page(
      client, call,
      {[&](const std::string& body) { reading.page(body); },
       [&] {
         sink.on_note("the server kept this list's state no longer: what follows is newer");
       }});
}

void watch(kube::Client& client, const GetQuery& query, const GetSink& sink, Reading& reading) {
  constexpr std::chrono::milliseconds longest_poll{500};
  const auto version = get_pages(client, query, sink, reading);
  const auto space = query.all_namespaces ? "" : client.name_space();
  auto call = kube::watch_call(reading.kind(), space, selector_of(query));
  reading.shape(call, true);
  const auto relist = [&] {
    reading.begin_again();
    auto from = get_pages(client, query, sink, reading);
    reading.end_again();
    return from;
  };
  kube::Watch watch(client, call, version,
                    {[&](const kube::WatchEvent& event) { reading.event(event); }, relist},
                    base::system_clock());
  while (!base::interrupted()) {
    watch.tend();
    client.transport().poll(longest_poll);
  }
  base::throw_if_interrupted();
}

}  // namespace

void GetQuery::validate() const {
  base::Diagnostics wrong;
  if (!names.empty() && (!labels.empty() || !fields.empty()))
    wrong.push_back({"", "a name and a selector do not go together", ""});
  if (!names.empty() && all_namespaces)
    wrong.push_back({"", "a name is one of one namespace: leave out --all-namespaces", ""});
  if (names.size() > 1 && watch)
    wrong.push_back({"", "--watch takes one name, or all objects", "use a selector: -l KEY=VALUE"});
  base::throw_if_any(wrong);
}

void take_words(GetQuery& query, const std::vector<std::string>& words) {
  for (const auto& word : words) {
    const auto slash = word.find('/');
    const bool with_kind = slash != std::string::npos;
    const auto kind = with_kind ? word.substr(0, slash) : "";
    if (query.kind.empty())
      query.kind = with_kind ? kind : word;
    else if (with_kind && kind != query.kind)
      throw Error({{word, "is of another kind than " + query.kind, "ask for one kind at a time"}});
    else if (!with_kind)
      query.names.push_back(word);
    if (with_kind) query.names.push_back(word.substr(slash + 1));
  }
  if (query.kind.find(',') != std::string::npos)
    throw Error({{query.kind, "is more than one kind", "ask for one kind at a time"}});
  for (const auto& name : query.names)
    if (name.empty() || name.find('/') != std::string::npos)
      throw Error({{name, "is no object's name", ""}});
}

Getter::Getter(const identity::Settings& settings, std::filesystem::path cache)
    : connected_(std::make_unique<Connected>(settings)), cache_(std::move(cache)) {}
Getter::~Getter() = default;

std::string Getter::describe() const {
  const auto& settings = connected_->client().settings();
  const auto where = settings.context.empty() ? "this cluster" : "context " + settings.context;
  return where + ", namespace " + settings.name_space;
}

std::string Getter::get_namespace() const {
  return connected_->client().name_space();
}

size_t Getter::get(const GetQuery& query, const GetSink& sink) {
  query.validate();
  auto& client = connected_->client();
  Reading reading(kube::find_kind(client, query.kind, cache_), query, sink);
  try {
    if (query.watch)
      watch(client, query, sink, reading);
    else if (query.names.empty())
      get_pages(client, query, sink, reading);
    else
      get_named(client, query, reading);
  } catch (const json::exception& error) {
    throw Error(ErrorKind::failed,
                std::string("the server's answer is not understood: ") + error.what());
  }
  return reading.count();
}

}  // namespace lotse::action
