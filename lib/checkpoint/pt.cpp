// torch.save's zip form: PyTorch's serialization notes, and measured on real files.
#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "archive/zip.h"
#include "base/error.h"
#include "base/strings.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/mapped_file.h"
#include "checkpoint/pickle.h"
#include "checkpoint/tensor_node.h"

namespace lotse::checkpoint {

namespace {

using nlohmann::json;
using Kind = Node::Kind;

constexpr int deepest_module = 64;
constexpr int deepest_metadata = 32;
constexpr std::size_t longest_name = 1024;
constexpr std::size_t most_settings = 8;
constexpr std::size_t most_steps = 20'000'000;
constexpr std::size_t most_tensors = 100'000;
constexpr std::size_t most_metadata = 200'000;

[[noreturn]] void wrong(const std::string& what) {
  throw base::Error(base::ErrorKind::invalid, what);
}

/// The files in the archive, by their names under its root folder.
struct Archive {
  std::string_view pickle;
  Storages data;
};

Archive open_archive(std::string_view file) {
  Archive archive;
  std::string root;
  const auto entries = archive::read_stored_zip(file);
  for (const auto& entry : entries) {
    const auto slash = entry.name.find('/');
    if (slash == std::string::npos || entry.name.substr(slash) != "/data.pkl") continue;
    root = entry.name.substr(0, slash + 1);
    archive.pickle = entry.bytes;
  }
  if (root.empty()) wrong("the zip file holds no data.pkl: torch.save did not write it");
  for (const auto& entry : entries) {
    if (entry.name.rfind(root, 0) != 0) continue;
    const auto name = entry.name.substr(root.size());
    if (name == "byteorder" && base::trim(entry.bytes) != "little")
      wrong("the tensors are not little-endian");
    if (name.rfind("data/", 0) == 0) archive.data.emplace(name.substr(5), entry.bytes);
  }
  return archive;
}

/// Turns the pickle's nodes into named tensors and metadata.
class Reading {
 public:
  Reading(const Pickle& pickle, const Archive& archive) : pickle_(pickle), archive_(archive) {}

  Checkpoint run() {
    const Node& root = pickle_.at(pickle_.root);
    const Node* model = &root;
    if (root.kind == Kind::dict) {
      model = pickle_.find(root, "ema");
      if (model == nullptr || model->kind == Kind::none) model = pickle_.find(root, "model");
      for (const char* key : {"state_dict", "model_state_dict"}) {
        if (model == nullptr) model = pickle_.find(root, key);
      }
      if (model == nullptr) model = &root;
      if (model->kind == Kind::none) wrong("the file holds no model: 'ema' and 'model' are empty");
      for (const char* key : {"epoch", "date", "version", "license", "train_args", "train_metrics"})
        put(root, key);
    }
    if (model->kind == Kind::object) {
      walk(*model, "", 0);
      if (const Node* state = state_of(*model)) {
        for (const char* key : {"names", "nc", "yaml"}) put(*state, key);
      }
    } else if (model->kind == Kind::dict) {
      add_tensors(*model, "", nullptr);
    }
    if (result_.tensors.empty()) wrong("the file holds no tensors of a model");
    return std::move(result_);
  }

 private:
  const Node& at(Ref ref) const { return pickle_.at(ref); }

  const Node* state_of(const Node& object) const {
    if (object.kind != Kind::object || object.items.size() != 3) return nullptr;
    const Node& state = at(object.items[2]);
    return state.kind == Kind::dict ? &state : nullptr;
  }

  void walk(const Node& module, const std::string& prefix, int depth) {
    if (depth > deepest_module) wrong("modules are nested too deeply at '" + prefix + "'");
    if (prefix.size() > longest_name) wrong("a module's name is too long");
    const Node* state = state_of(module);
    if (state == nullptr) wrong("'" + prefix + "' is not a module");
    note_task(class_of(module));
    spend(state->items.size());
    if (const Node* own = pickle_.find(*state, "_parameters")) add_tensors(*own, prefix, nullptr);
    if (const Node* own = pickle_.find(*state, "_buffers"))
      add_tensors(*own, prefix, pickle_.find(*state, "_non_persistent_buffers_set"));
    const Node* children = pickle_.find(*state, "_modules");
    if (children == nullptr || children->kind != Kind::dict) return;
    spend(children->items.size());
    for (std::size_t i = 0; i + 1 < children->items.size(); i += 2) {
      const Node& name = at(children->items[i]);
      const Node& child = at(children->items[i + 1]);
      if (name.kind != Kind::text) wrong("a module under '" + prefix + "' has no name");
      if (child.kind == Kind::none) continue;
      walk(child, prefix + name.text + ".", depth + 1);
      if (name.text == "act" && !prefix.empty())
        result_.activations[prefix.substr(0, prefix.size() - 1)] = activation(child);
    }
  }

  std::string class_of(const Node& object) const {
    const Node& type = at(object.items[0]);
    return type.kind == Kind::global ? type.text : "";
  }

  /// By the names of the field's heads and models: Segment, Segment26, SegmentationModel.
  void note_task(const std::string& type) {
    static constexpr std::pair<const char*, const char*> tasks[] = {
        {"OBB", "obb"}, {"Segment", "segment"}, {"Pose", "pose"}, {"Classif", "classify"}};
    const auto last = type.substr(type.rfind('.') + 1);
    for (const auto& [word, task] : tasks) {
      if (last.starts_with(word)) result_.metadata["task"] = task;
    }
  }

  /// "LeakyReLU(negative_slope=0.1)"
  std::string activation(const Node& module) const {
    const auto type = class_of(module);
    const auto last = type.substr(type.rfind('.') + 1);
    const bool plain =
        type == "torch.nn.modules.activation." + last || type == "torch.nn.modules.linear.Identity";
    std::vector<std::string> settings;
    const Node* state = state_of(module);
    for (std::size_t i = 0; state != nullptr && i + 1 < state->items.size(); i += 2) {
      const Node& key = at(state->items[i]);
      const Node& value = at(state->items[i + 1]);
      if (key.kind != Kind::text || key.text.starts_with("_") || settings.size() == most_settings)
        continue;
      const bool number = value.kind == Kind::real || value.kind == Kind::integer;
      if (number || value.kind == Kind::text)
        settings.push_back(key.text + "=" + (number ? shortest(value) : value.text));
    }
    const auto name = (plain ? last : type).substr(0, longest_name);
    return settings.empty() ? name : name + "(" + base::join(settings, ",") + ")";
  }

  static std::string shortest(const Node& number) {
    if (number.kind == Kind::integer) return std::to_string(number.integer);
    const auto text = json(number.real).dump();  // as many digits as tell it from every other
    return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
  }

  /// What a file shares between places is walked again at each, which a forged one could make
  /// endless.
  void spend(std::size_t steps) {
    steps_ += steps + 1;
    if (steps_ > most_steps) wrong("the file's values take too long to walk");
  }

  bool holds(const Node* set, const std::string& name) {
    if (set == nullptr) return false;
    const Node* items = set;
    if (set->kind == Kind::call) {  // set([...])
      const Node& arguments = at(set->items[1]);
      if (arguments.items.empty()) return false;
      items = &at(arguments.items[0]);
    }
    spend(items->items.size());
    return std::any_of(items->items.begin(), items->items.end(),
                       [&](Ref ref) { return at(ref).kind == Kind::text && at(ref).text == name; });
  }

  void add_tensors(const Node& dict, const std::string& prefix, const Node* left_out) {
    if (dict.kind != Kind::dict) return;
    spend(dict.items.size());
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const Node& name = at(dict.items[i]);
      const Node& value = at(dict.items[i + 1]);
      if (name.kind != Kind::text || value.kind != Kind::call || holds(left_out, name.text))
        continue;
      const std::string full = prefix + name.text;
      if (full.size() > longest_name) wrong("a tensor's name is too long");
      if (!names_.insert(full).second) wrong("two tensors are named '" + full + "'");
      if (names_.size() > most_tensors) wrong("more than 100,000 tensors");
      result_.tensors.emplace_back(full, read_tensor(pickle_, value, archive_.data, full));
    }
  }

  void put(const Node& dict, const char* key) {
    if (const Node* value = pickle_.find(dict, key)) {
      if (auto plain = to_json(*value, 0)) result_.metadata[key] = std::move(*plain);
    }
  }

  /// Nothing for what has no plain form: tensors, objects, paths.
  std::optional<json> to_json(const Node& node, int depth) {
    if (depth > deepest_metadata || ++metadata_ > most_metadata) return {};
    switch (node.kind) {
      case Kind::none:
        return json(nullptr);
      case Kind::boolean:
        return json(node.integer != 0);
      case Kind::integer:
        return json(node.integer);
      case Kind::real:
        return std::isfinite(node.real) ? json(node.real) : json(nullptr);
      case Kind::text:
        metadata_ += node.text.size() / 16;
        return text_json(node.text);
      case Kind::list:
      case Kind::tuple:
        return list_json(node, depth);
      case Kind::dict:
        return dict_json(node, depth);
      default:
        return {};
    }
  }

  static json text_json(const std::string& text) {
    return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace));
  }

  json list_json(const Node& node, int depth) {
    json list = json::array();
    for (const Ref one : node.items) {
      if (auto item = to_json(at(one), depth + 1)) list.push_back(std::move(*item));
    }
    return list;
  }

  /// Keys that are numbers become texts, but {0: a, 1: b, ...} becomes a list.
  json dict_json(const Node& node, int depth) {
    json object = json::object();
    json list = json::array();
    for (std::size_t i = 0; i + 1 < node.items.size(); i += 2) {
      const Node& key = at(node.items[i]);
      auto value = to_json(at(node.items[i + 1]), depth + 1);
      if (!value) continue;
      if (key.kind == Kind::integer) {
        if (key.integer == static_cast<int64_t>(i / 2)) list.push_back(*value);
        object[std::to_string(key.integer)] = std::move(*value);
      } else if (key.kind == Kind::text) {
        object[text_json(key.text).get<std::string>()] = std::move(*value);
      }
    }
    return !list.empty() && list.size() == node.items.size() / 2 ? list : object;
  }

  const Pickle& pickle_;
  const Archive& archive_;
  Checkpoint result_;
  std::set<std::string> names_;
  std::size_t steps_ = 0;
  std::size_t metadata_ = 0;
};

}  // namespace

Checkpoint read_pt(const std::filesystem::path& path) {
  auto file = std::make_shared<const MappedFile>(path);
  try {
    const auto archive = open_archive(file->bytes());
    const auto pickle = read_pickle(archive.pickle);
    auto result = Reading(pickle, archive).run();
    result.mapping = std::move(file);
    return result;
  } catch (base::Error& error) {
    error.add_context(path.string());
    throw;
  }
}

}  // namespace lotse::checkpoint
