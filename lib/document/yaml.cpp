#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "document/document.h"
#include "document/scalar.h"

namespace lotse::document {

using nlohmann::json;

namespace {

const std::string tag_prefix = "tag:yaml.org,2002:";

Position position_of(const YAML::Mark& mark) {
  return {mark.line + 1, mark.column + 1};
}

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
  size_t weight = 1;  ///< rough size, against alias bombs
};

void take_positions(Positions& into, const std::string& under, const Positions& from) {
  for (const auto& [pointer, position] : from) into[under + pointer] = position;
}

/// Builds json from yaml-cpp's events.
class Builder : public YAML::EventHandler {
 public:
  Builder(std::string file, size_t input_size)
      : file_(std::move(file)), alias_budget_(std::max<size_t>(10 * input_size, 1 << 20)) {}

  bool has_document() const { return has_document_; }
  Document take() {
    has_document_ = false;
    anchors_.clear();
    return Document{std::move(root_.value), file_, std::move(root_.positions)};
  }

  void OnDocumentStart(const YAML::Mark&) override { has_document_ = false; }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish(scalar_node(mark, nullptr), mark, anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    auto node = scalar_node(mark, scalar_value(mark, tag, text));
    node.merge_key = tag == "?" && text == "<<";
    finish(std::move(node), mark, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) refuse(file_, position_of(mark), "an alias inside its own anchor");
    spent_ += found->second.weight;
    if (spent_ > alias_budget_)
      refuse(file_, position_of(mark), "aliases expand to too much data",
             base::cat("at most ", alias_budget_, " bytes for a file of this size"));
    finish(found->second, mark, 0);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    start(mark, tag, "seq", json::array(), anchor);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    start(mark, tag, "map", json::object(), anchor);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Frame {
    Built node;
    YAML::Mark mark;
    YAML::anchor_t anchor = 0;
    bool have_key = false;
    bool merging = false;
    std::string key;
    Position key_position;
    std::map<std::string, Position> keys;  ///< set by the mapping itself, not by "<<"
  };

  static Built scalar_node(const YAML::Mark& mark, json value) {
    const size_t weight = value.is_string() ? value.get_ref<const std::string&>().size() + 4 : 8;
    return Built{std::move(value), {{"", position_of(mark)}}, false, weight};
  }

  json scalar_value(const YAML::Mark& mark, const std::string& tag, const std::string& text) const {
    if (tag == "!" || tag == tag_prefix + "str") return text;
    const auto resolved = resolve_scalar(text);
    if (!resolved)
      refuse(file_, position_of(mark), text + " is a number that JSON cannot hold",
             "quote it if a string is meant");
    if (tag == "?" || tag.empty()) return *resolved;
    const bool fits = (tag == tag_prefix + "int" && resolved->is_number_integer()) ||
                      (tag == tag_prefix + "float" && resolved->is_number()) ||
                      (tag == tag_prefix + "bool" && resolved->is_boolean()) ||
                      (tag == tag_prefix + "null" && resolved->is_null());
    if (!fits) refuse(file_, position_of(mark), "the tag " + tag + " is not supported here");
    return *resolved;
  }

  void start(const YAML::Mark& mark, const std::string& tag, const char* kind, json empty,
             YAML::anchor_t anchor) {
    if (tag != "?" && tag != "!" && !tag.empty() && tag != tag_prefix + kind)
      refuse(file_, position_of(mark), "the tag " + tag + " is not supported here");
    if (frames_.size() >= static_cast<size_t>(max_depth))
      refuse(file_, position_of(mark), base::cat("nested deeper than ", max_depth, " levels"));
    Frame frame;
    frame.node.value = std::move(empty);
    frame.node.positions[""] = position_of(mark);
    frame.mark = mark;
    frame.anchor = anchor;
    frames_.push_back(std::move(frame));
  }

  void end() {
    auto frame = std::move(frames_.back());
    frames_.pop_back();
    finish(std::move(frame.node), frame.mark, frame.anchor);
  }

  void finish(Built node, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor) anchors_[anchor] = node;
    if (frames_.empty()) {
      root_ = std::move(node);
      has_document_ = true;
      return;
    }
    auto& frame = frames_.back();
    frame.node.weight += node.weight;
    if (frame.node.value.is_array()) {
      take_positions(frame.node.positions, base::cat("/", frame.node.value.size()), node.positions);
      frame.node.value.push_back(std::move(node.value));
    } else if (!frame.have_key) {
      take_key(frame, node, mark);
    } else {
      take_value(frame, std::move(node), mark);
    }
  }

  void take_key(Frame& frame, const Built& node, const YAML::Mark& mark) const {
    frame.have_key = true;
    frame.merging = node.merge_key;
    frame.key_position = position_of(mark);
    if (frame.merging) return;
    frame.key = key_text(node.value, mark);
    const auto [earlier, fresh] = frame.keys.emplace(frame.key, frame.key_position);
    if (!fresh)
      refuse(
          file_, frame.key_position, "the key " + json(frame.key).dump() + " is there twice",
          base::cat("first at line ", earlier->second.line, ", column ", earlier->second.column));
  }

  std::string key_text(const json& key, const YAML::Mark& mark) const {
    if (key.is_string()) return key.get<std::string>();
    if (key.is_boolean() || key.is_number_integer()) return key.dump();
    refuse(file_, position_of(mark), "a key must be a string", "quote it");
  }

  void take_value(Frame& frame, Built node, const YAML::Mark& mark) const {
    frame.have_key = false;
    if (frame.merging) return merge(frame, node, mark);
    take_positions(frame.node.positions, append("", frame.key), node.positions);
    frame.node.value[frame.key] = std::move(node.value);
  }

  /// "<<": keys that the mapping has already stay as they are; of several, the first one wins.
  void merge(Frame& frame, const Built& node, const YAML::Mark& mark) const {
    if (node.value.is_object()) return merge_one(frame, node.value, node.positions, "");
    bool fine = node.value.is_array();
    if (fine)
      for (const auto& one : node.value) fine = fine && one.is_object();
    if (!fine) refuse(file_, position_of(mark), "<< needs a mapping or a list of mappings");
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
  bool has_document_ = false;
  Built root_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Built> anchors_;
};

/// Length of the UTF-8 sequence at `at`, or 0 if there is none (RFC 3629).
size_t utf8_length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(at);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xC2 && first < 0xE0   ? 2
                        : first >= 0xE0 && first < 0xF0 ? 3
                        : first >= 0xF0 && first < 0xF5 ? 4
                                                        : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
  const unsigned second = byte(at + 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool outside = (first == 0xED && second >= 0xA0) || (first == 0xF4 && second >= 0x90);
  return overlong || outside ? 0 : length;
}

void check_characters(std::string_view text, const std::string& file) {
  Position at{1, 1};
  for (size_t i = 0; i < text.size();) {
    const auto length = utf8_length(text, i);
    if (length == 0) refuse(file, at, "is not UTF-8");
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
      refuse(file, at, base::cat("holds the control character ", static_cast<int>(c)));
    at = c == '\n' ? Position{at.line + 1, 1} : Position{at.line, at.column + 1};
    i += length;
  }
}

}  // namespace

std::vector<Document> parse_yaml_stream(std::string_view text, const std::string& file) {
  check_characters(text, file);
  std::istringstream input{std::string(text)};
  std::vector<Document> documents;
  try {
    YAML::Parser parser(input);
    Builder builder(file, text.size());
    while (parser.HandleNextDocument(builder)) {
      if (!builder.has_document()) continue;
      auto document = builder.take();
      if (!document.value.is_null()) documents.push_back(std::move(document));
    }
  } catch (const YAML::Exception& error) {
    refuse(file, position_of(error.mark), error.msg);
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
  const auto text = base::read_file(path);
  return path.extension() == ".json" ? parse_json(text, path.string())
                                     : parse_yaml(text, path.string());
}

json parse_scalar(const std::string& text) {
  const auto value = resolve_scalar(text);
  return value ? *value : json(text);
}

}  // namespace lotse::document
