#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "document/characters.h"
#include "document/document.h"
#include "document/events.h"
#include "document/scalar.h"

namespace lotse::document {

using nlohmann::json;

namespace {

const std::string tag_prefix = "tag:yaml.org,2002:";

[[noreturn]] void refuse(const std::string& file, Position at, const std::string& message,
                         const std::string& hint = "") {
  throw base::Error({{base::cat(file, ":", at.line, ":", at.column), message, hint}});
}

using Positions = std::map<std::string, Position>;

/// A finished value: what an anchor keeps, and what a container under construction collects.
struct Built {
  json value;
  Positions positions;  ///< relative to this value
  bool merge_key = false;
  size_t weight = 1;  ///< its rough size, by which aliases that expand without bound are refused
};

void take_positions(Positions& into, const std::string& under, const Positions& from) {
  for (const auto& [pointer, position] : from) into[under + pointer] = position;
}

/// Builds the value of one document from its events.
class Builder {
 public:
  Builder(std::string file, size_t input_size)
      : file_(std::move(file)), alias_budget_(std::max<size_t>(10 * input_size, 1 << 20)) {}

  void take(const Event& event) {
    switch (event.kind) {
      case Event::Kind::sequence_start:
        return start(event, "seq", json::array());
      case Event::Kind::mapping_start:
        return start(event, "map", json::object());
      case Event::Kind::collection_end:
        return end();
      case Event::Kind::alias:
        return alias(event);
      case Event::Kind::scalar:
        return scalar(event);
      default:
        break;
    }
  }

  /// The finished document.
  Document result() {
    anchors_.clear();
    return Document{std::move(root_.value), file_, std::move(root_.positions)};
  }

 private:
  struct Frame {
    Built node;
    Position at;
    std::string anchor;
    bool have_key = false;
    bool merging = false;
    std::string key;
    Position key_position;
    std::map<std::string, Position> keys;  ///< set by the mapping itself, not by "<<"
  };

  void scalar(const Event& event) {
    auto value = scalar_value(event);
    const size_t weight = value.is_string() ? value.get_ref<const std::string&>().size() + 4 : 8;
    const bool merge_key = event.plain && event.tag.empty() && event.text == "<<";
    finish(Built{std::move(value), {{"", event.at}}, merge_key, weight}, event.at, event.anchor);
  }

  void alias(const Event& event) {
    const auto found = anchors_.find(event.text);
    if (found == anchors_.end())
      refuse(file_, event.at, "no finished value before it has the anchor &" + event.text);
    spent_ += found->second.weight;
    if (spent_ > alias_budget_)
      refuse(file_, event.at, "aliases expand to too much data",
             base::cat("at most ", alias_budget_, " bytes for a file of this size"));
    finish(found->second, event.at, "");
  }

  json scalar_value(const Event& event) const {
    const auto& tag = event.tag;
    const bool local = !tag.empty() && tag.compare(0, tag_prefix.size(), tag_prefix) != 0;
    if (local || tag == tag_prefix + "str" || (tag.empty() && !event.plain)) return event.text;
    const auto resolved = resolve_scalar(event.text);
    if (!resolved)
      refuse(file_, event.at, event.text + " is a number that JSON cannot hold",
             "quote it if a string is meant");
    if (tag.empty()) return *resolved;
    const bool fits = (tag == tag_prefix + "int" && resolved->is_number_integer()) ||
                      (tag == tag_prefix + "float" && resolved->is_number()) ||
                      (tag == tag_prefix + "bool" && resolved->is_boolean()) ||
                      (tag == tag_prefix + "null" && resolved->is_null());
    if (!fits) refuse(file_, event.at, "the tag " + tag + " is not supported here");
    return *resolved;
  }

  void start(const Event& event, const char* kind, json empty) {
    const auto& tag = event.tag;
    if (tag.compare(0, tag_prefix.size(), tag_prefix) == 0 && tag != tag_prefix + kind)
      refuse(file_, event.at, "the tag " + tag + " is not supported here");
    if (frames_.size() >= static_cast<size_t>(max_depth))
      refuse(file_, event.at, base::cat("nested deeper than ", max_depth, " levels"));
    anchors_.erase(event.anchor);  // an alias inside means this value, which is not finished
    Frame frame;
    frame.node.value = std::move(empty);
    frame.node.positions[""] = event.at;
    frame.at = event.at;
    frame.anchor = event.anchor;
    frames_.push_back(std::move(frame));
  }

  void end() {
    auto frame = std::move(frames_.back());
    frames_.pop_back();
    finish(std::move(frame.node), frame.at, frame.anchor);
  }

  void finish(Built node, Position at, const std::string& anchor) {
    if (!anchor.empty()) anchors_[anchor] = node;
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    auto& frame = frames_.back();
    frame.node.weight += node.weight;
    if (frame.node.value.is_array()) {
      take_positions(frame.node.positions, base::cat("/", frame.node.value.size()), node.positions);
      frame.node.value.push_back(std::move(node.value));
    } else if (!frame.have_key) {
      take_key(frame, node, at);
    } else {
      take_value(frame, std::move(node), at);
    }
  }

  void take_key(Frame& frame, const Built& node, Position at) const {
    frame.have_key = true;
    frame.merging = node.merge_key;
    frame.key_position = at;
    if (frame.merging) return;
    frame.key = key_text(node.value, at);
    const auto [earlier, fresh] = frame.keys.emplace(frame.key, frame.key_position);
    if (!fresh)
      refuse(
          file_, frame.key_position, "the key " + json(frame.key).dump() + " is there twice",
          base::cat("first at line ", earlier->second.line, ", column ", earlier->second.column));
  }

  std::string key_text(const json& key, Position at) const {
    if (key.is_string()) return key.get<std::string>();
    if (key.is_boolean() || key.is_number_integer()) return key.dump();
    refuse(file_, at, "a key must be a string", "quote it");
  }

  void take_value(Frame& frame, Built node, Position at) const {
    frame.have_key = false;
    if (frame.merging) return merge(frame, node, at);
    take_positions(frame.node.positions, append("", frame.key), node.positions);
    frame.node.value[frame.key] = std::move(node.value);
  }

  /// "<<": keys that the mapping has already stay as they are; of several, the first one wins.
  void merge(Frame& frame, const Built& node, Position at) const {
    if (node.value.is_object()) return merge_one(frame, node.value, node.positions, "");
    bool fine = node.value.is_array();
    if (fine)
      for (const auto& one : node.value) fine = fine && one.is_object();
    if (!fine) refuse(file_, at, "<< needs a mapping or a list of mappings");
    for (size_t i = 0; i < node.value.size(); ++i)
      merge_one(frame, node.value[i], node.positions, base::cat("/", i));
  }

  void merge_one(Frame& frame, const json& from, const Positions& positions,
                 const std::string& under) const {
    for (const auto& [key, value] : from.items()) {
      if (frame.keys.count(key))
        // go-yaml lets the merged value win here, YAML the explicit one.
        refuse(file_, frame.key_position,
               "<< comes after the key " + json(key).dump() + " and holds it too", "put << first");
      if (frame.node.value.contains(key)) continue;
      frame.node.value[key] = value;
      const auto from_pointer = append(under, key);
      for (const auto& [pointer, position] : positions)
        if (pointer.compare(0, from_pointer.size(), from_pointer) == 0)
          frame.node.positions[append("", key) + pointer.substr(from_pointer.size())] = position;
    }
  }

  std::string file_;
  size_t alias_budget_;
  size_t spent_ = 0;
  Built root_;
  std::vector<Frame> frames_;
  std::map<std::string, Built> anchors_;
};

}  // namespace

std::vector<Document> parse_yaml_stream(std::string_view text, const std::string& file) {
  check_characters(text, file);
  check_tabs(text, file);
  EventReader events(text, file);
  Builder builder(file, text.size());
  std::vector<Document> documents;
  while (const auto event = events.next()) {
    builder.take(*event);
    if (event->kind != Event::Kind::document_end) continue;
    auto document = builder.result();
    if (!document.value.is_null()) documents.push_back(std::move(document));
  }
  return documents;
}

Document parse_yaml(std::string_view text, const std::string& file) {
  auto documents = parse_yaml_stream(text, file);
  if (documents.empty()) return Document{nullptr, file, {}};
  if (documents.size() > 1)
    refuse(file, documents[1].positions[""], "holds several documents where one is expected");
  return std::move(documents[0]);
}

Document read_document(const std::filesystem::path& path) {
  if (path == "-") return parse_yaml(base::read_input(), "standard input");
  const auto text = base::read_file(path);
  return path.extension() == ".json" ? parse_json(text, path.string())
                                     : parse_yaml(text, path.string());
}

json parse_scalar(const std::string& text) {
  const auto value = resolve_scalar(text);
  return value ? *value : json(text);
}

}  // namespace lotse::document
