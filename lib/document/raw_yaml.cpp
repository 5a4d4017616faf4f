#include "document/raw_yaml.h"

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "document/raw_scanner.h"
#include "document/yaml_block.h"

namespace lotse::document {

using nlohmann::json;

namespace {

/// Beyond it a text that a server sends would exhaust the stack.
constexpr size_t deepest = 1000;

json parsed(std::string_view text) {
  json value = json::parse(text, nullptr, false);
  if (value.is_discarded())
    throw base::Error(base::ErrorKind::failed, "is not JSON: " + std::string(text.substr(0, 80)));
  return value;
}

bool is_whole_number(std::string_view text) {
  constexpr size_t always_within_64_bits = 18;
  if (text == "0") return true;
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || text.size() > always_within_64_bits || text.front() == '0') return false;
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// JSON text taken apart: views into it, and the parts of one object or array side by side, so that
/// no value costs an allocation of its own.
class Tree {
 public:
  struct Part {
    std::string_view key;   ///< of a member of an object
    std::string_view text;  ///< of a string what it says, else as it is written
    char shape = 0;         ///< '{', '[', '"' or, for what is none of them, ' '
    size_t first = 0, count = 0;
  };

  explicit Tree(std::string_view text) : scanner_(text) { root_ = read(0); }

  const Part& root() const { return root_; }
  const Part& part(size_t index) const { return parts_[index]; }

 private:
  Part read(size_t depth) {
    Part made;
    made.shape = scanner_.peek();
    if (made.shape == '"') {
      made.text = unescaped(scanner_.string());
    } else if (made.shape == '{' || made.shape == '[') {
      if (depth == deepest) scanner_.refuse();
      read_parts(made, depth);
    } else {
      made.shape = ' ';
      made.text = scanner_.value();
    }
    return made;
  }

  void read_parts(Part& whole, size_t depth) {
    const bool object = whole.shape == '{';
    const size_t begin = open_.size();
    scanner_.need(whole.shape);
    between(scanner_, object ? '}' : ']', [&] {
      std::string_view key;
      if (object) {
        key = unescaped(scanner_.string());
        scanner_.need(':');
      }
      auto part = read(depth + 1);
      part.key = key;
      open_.push_back(part);
    });
    const auto first = open_.begin() + static_cast<std::ptrdiff_t>(begin);
    if (object) sort(first);
    whole.first = parts_.size();
    whole.count = open_.size() - begin;
    parts_.insert(parts_.end(), first, open_.end());
    open_.resize(begin);
  }

  /// By key; of two equal ones the last counts, as it does to nlohmann.
  void sort(std::vector<Part>::iterator first) {
    const auto by_key = [](const Part& a, const Part& b) { return a.key < b.key; };
    if (std::is_sorted(first, open_.end(), by_key) &&
        std::adjacent_find(first, open_.end(), same_key) == open_.end())
      return;
    std::stable_sort(first, open_.end(), by_key);
    std::reverse(first, open_.end());
    open_.erase(std::unique(first, open_.end(), same_key), open_.end());
    std::reverse(first, open_.end());
  }
  static bool same_key(const Part& a, const Part& b) { return a.key == b.key; }

  std::string_view unescaped(std::string_view text) {
    if (text.find('\\') == std::string_view::npos) return text;
    strings_.push_back(parsed("\"" + std::string(text) + "\"").get<std::string>());
    return strings_.back();
  }

  Scanner scanner_;
  std::vector<Part> open_;   ///< of the objects and arrays that are being read
  std::vector<Part> parts_;  ///< of those that were
  std::deque<std::string> strings_;
  Part root_;
};

class PartNode {
 public:
  PartNode(const Tree& tree, const Tree::Part& part) : tree_(tree), part_(part) {}

  bool is_object() const { return part_.shape == '{'; }
  bool is_array() const { return part_.shape == '['; }
  bool empty() const { return part_.count == 0; }
  template <class Each>
  void each_member(Each each) const {
    each_item([&](const PartNode& node) { each(node.part_.key, node); });
  }
  template <class Each>
  void each_item(Each each) const {
    for (size_t i = 0; i < part_.count; ++i) each(PartNode(tree_, tree_.part(part_.first + i)));
  }
  void append_scalar(std::string& out, size_t indent) const {
    if (part_.shape == '"')
      append_text(out, part_.text, indent);
    else if (part_.shape != ' ')
      out += is_object() ? "{}" : "[]";
    else if (is_whole_number(part_.text))
      out += part_.text;
    else
      out += parsed(part_.text).dump();
  }

 private:
  const Tree& tree_;
  const Tree::Part& part_;
};

}  // namespace

void append_yaml(std::string& out, std::string_view json_text, size_t indent, bool begun) {
  const Tree tree(json_text);
  BlockWriter<PartNode>(out).write(PartNode(tree, tree.root()), indent, begun);
}

}  // namespace lotse::document
