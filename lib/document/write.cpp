#include "document/write.h"

#include <regex>

#include "base/strings.h"
#include "document/scalar.h"

namespace lotse::document {

using nlohmann::json;

namespace {

/// Texts that one of YAML 1.1 and 1.2 reads as something else than a string, and the other does
/// not.
bool looks_like_other_scalar(const std::string& text) {
  static const std::regex other(
      R"([-+]?[0-9][0-9_:]*(\.[0-9_]*)?|0o?[0-7]+|0x[0-9a-fA-F_]+|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|=|<<)");
  const auto resolved = resolve_scalar(text);
  if (!resolved || !resolved->is_string()) return true;
  return text.size() < 100 && std::regex_match(text, other);
}

bool has_control_character(const std::string& text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7f) return true;
    // U+0080 to U+009F, U+2028, U+2029 and U+FEFF are line ends or not printable in YAML.
    if (c == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
    if (c == 0xE2 && (text.compare(i, 3, "\u2028") == 0 || text.compare(i, 3, "\u2029") == 0))
      return true;
    if (c == 0xEF && text.compare(i, 3, "\uFEFF") == 0) return true;
  }
  return false;
}

bool plain_is_fine(const std::string& text) {
  if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  if (std::string_view("!&*-?|>@`%{}[],#\"'").find(text.front()) != std::string_view::npos) {
    const bool word = text.front() == '-' && text.size() > 1 && text[1] != ' ' && text != "---";
    if (!word || text.compare(0, 3, "---") == 0) return false;
  }
  if (text == "..." || text.compare(0, 4, "... ") == 0) return false;
  return text.find(": ") == std::string::npos && text.find(" #") == std::string::npos;
}

std::string double_quoted(const std::string& text) {
  auto quoted = json(text).dump(-1, ' ', false);
  quoted = base::replace_all(quoted, "\x7f", "\\u007f");
  quoted = base::replace_all(quoted, "\u2028", "\\u2028");
  quoted = base::replace_all(quoted, "\u2029", "\\u2029");
  quoted = base::replace_all(quoted, "\uFEFF", "\\ufeff");
  for (int c = 0x80; c < 0xA0; ++c) {
    const std::string raw{'\xC2', static_cast<char>(c)};
    const char* hex = "0123456789abcdef";
    quoted = base::replace_all(quoted, raw, base::cat("\\u00", hex[c >> 4], hex[c & 15]));
  }
  return quoted;
}

/// A literal block keeps the text as it is, but for some beginnings and line ends.
bool literal_is_fine(const std::string& text) {
  if (text.find('\n') == std::string::npos || text.front() == ' ' || text.front() == '\n')
    return false;
  if (text.find(" \n") != std::string::npos || text.back() == ' ') return false;
  return !has_control_character(base::replace_all(text, "\n", ""));
}

std::string literal(const std::string& text, const std::string& indent) {
  auto body = text;
  std::string header = "|-";
  if (body.back() == '\n') {
    body.pop_back();
    header = body.back() == '\n' ? "|+" : "|";
  }
  std::string result = header;
  for (const auto& line : base::split(body, '\n'))
    result += line.empty() ? "\n" : base::cat("\n", indent, line);
  return result;
}

std::string scalar(const json& value, const std::string& indent) {
  if (!value.is_string()) return value.dump();
  const auto& text = value.get_ref<const std::string&>();
  if (text.empty() || looks_like_other_scalar(text)) return double_quoted(text);
  if (literal_is_fine(text)) return literal(text, indent);
  if (has_control_character(text)) return double_quoted(text);
  if (plain_is_fine(text)) return text;
  return base::cat("'", base::replace_all(text, "'", "''"), "'");
}

std::string key_text(const std::string& key) {
  return key.find('\n') == std::string::npos ? scalar(key, "") : double_quoted(key);
}

void write(std::string& out, const json& value, const std::string& indent);

void write_entry(std::string& out, const json& value, const std::string& indent) {
  if (value.is_object() && !value.empty()) {
    out += "\n";
    write(out, value, indent + "  ");
  } else if (value.is_array() && !value.empty()) {
    out += "\n";
    write(out, value, indent);
  } else {
    out += " " + scalar(value, indent + "  ") + "\n";
  }
}

/// Writes a value that begins at the start of a line, and ends with a line end.
void write(std::string& out, const json& value, const std::string& indent) {
  if (value.is_object() && !value.empty()) {
    for (const auto& [key, item] : value.items()) {
      out += indent + key_text(key) + ":";
      write_entry(out, item, indent);
    }
  } else if (value.is_array() && !value.empty()) {
    for (const auto& item : value) {
      const bool nested = item.is_structured() && !item.empty();
      if (!nested) {
        out += indent + "- " + scalar(item, indent + "  ") + "\n";
        continue;
      }
      std::string inner;
      write(inner, item, indent + "  ");
      out += indent + "- " + inner.substr(indent.size() + 2);
    }
  } else {
    out += indent + scalar(value, indent + "  ") + "\n";
  }
}

}  // namespace

std::string write_yaml(const json& value) {
  std::string out;
  write(out, value, "");
  return out;
}

std::string write_yaml_stream(const std::vector<json>& values) {
  std::string out;
  for (const auto& value : values) out += (out.empty() ? "" : "---\n") + write_yaml(value);
  return out;
}

}  // namespace lotse::document
