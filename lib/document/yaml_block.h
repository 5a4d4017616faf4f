#pragma once
#include <cstddef>
#include <string>

#include "document/yaml_scalar.h"

namespace lotse::document {

/// Writes a tree in block style, as kubectl does. A Node says what it is with is_object(),
/// is_array() and empty(); hands out its parts with each_member(f(key, node)), by their keys, and
/// each_item(f(node)); and writes itself with append_scalar(out, indent) where it has none.
template <class Node>
class BlockWriter {
 public:
  explicit BlockWriter(std::string& out) : out_(out) {}

  /// The lines of `node`, each indented by `indent`; all end with a line end. `begun`: the first
  /// one has its indentation already.
  void write(const Node& node, size_t indent, bool begun = false) {
    const auto begin_line = [&] {
      if (!begun) out_.append(indent, ' ');
      begun = false;
    };
    if (!has_parts(node)) {
      begin_line();
      end_with_scalar(node, indent);
    } else if (node.is_object()) {
      node.each_member([&](std::string_view key, const Node& value) {
        begin_line();
        append_key(out_, key);
        out_ += ':';
        write_value(value, indent);
      });
    } else {
      node.each_item([&](const Node& item) {
        begin_line();
        out_ += "- ";
        has_parts(item) ? write(item, indent + step, true) : end_with_scalar(item, indent);
      });
    }
  }

 private:
  static constexpr size_t step = 2;

  static bool has_parts(const Node& node) {
    return (node.is_object() || node.is_array()) && !node.empty();
  }

  void end_with_scalar(const Node& node, size_t indent) {
    node.append_scalar(out_, indent + step);
    out_ += '\n';
  }

  /// A list stands where its key does, a mapping further in.
  void write_value(const Node& value, size_t indent) {
    if (has_parts(value)) {
      out_ += '\n';
      write(value, value.is_object() ? indent + step : indent);
    } else {
      out_ += ' ';
      end_with_scalar(value, indent);
    }
  }

  std::string& out_;
};

}  // namespace lotse::document
