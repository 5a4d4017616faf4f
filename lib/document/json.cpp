#include "base/error.h"
#include "base/strings.h"
#include "document/document.h"

namespace lotse::document {

using nlohmann::json;

namespace {

Position position_at(std::string_view text, size_t offset) {
  Position at{1, 1};
  for (size_t i = 0; i < offset && i < text.size(); ++i)
    at = text[i] == '\n' ? Position{at.line + 1, 1} : Position{at.line, at.column + 1};
  return at;
}

/// Walks text that is known to be JSON and notes where values begin.
class Walker {
 public:
  Walker(std::string_view text, Document& into) : text_(text), into_(into) {}
  void walk() { value("", 0); }

 private:
  [[noreturn]] void refuse(Position at, const std::string& message, const std::string& hint = "") {
    throw base::Error({{base::cat(into_.file, ":", at.line, ":", at.column), message, hint}});
  }
  void next() {
    position_ = text_[at_] == '\n' ? Position{position_.line + 1, 1}
                                   : Position{position_.line, position_.column + 1};
    ++at_;
  }
  void space() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      next();
  }
  std::string string() {
    const size_t begin = at_;
    for (next(); text_[at_] != '"'; next())
      if (text_[at_] == '\\') next();
    next();
    return json::parse(text_.substr(begin, at_ - begin)).get<std::string>();
  }
  void value(const std::string& pointer, int depth) {
    space();
    into_.positions[pointer] = position_;
    if (depth > max_depth)
      refuse(position_, base::cat("nested deeper than ", max_depth, " levels"));
    if (text_[at_] == '{') {
      object(pointer, depth);
    } else if (text_[at_] == '[') {
      array(pointer, depth);
    } else if (text_[at_] == '"') {
      string();
    } else {
      while (at_ < text_.size() &&
             std::string_view(",]} \t\r\n").find(text_[at_]) == std::string_view::npos)
        next();
    }
    space();
  }
  void object(const std::string& pointer, int depth) {
    std::map<std::string, Position> seen;
    next();
    for (space(); text_[at_] != '}'; space()) {
      if (text_[at_] == ',') {
        next();
        continue;
      }
      const auto at = position_;
      const auto key = string();
      const auto [earlier, fresh] = seen.emplace(key, at);
      if (!fresh)
        refuse(
            at, "the key " + json(key).dump() + " is there twice",
            base::cat("first at line ", earlier->second.line, ", column ", earlier->second.column));
      space();
      next();  // ':'
      value(append(pointer, key), depth + 1);
    }
    next();
  }
  void array(const std::string& pointer, int depth) {
    size_t index = 0;
    next();
    for (space(); text_[at_] != ']'; space()) {
      if (text_[at_] == ',') {
        next();
        continue;
      }
      value(base::cat(pointer, "/", index++), depth + 1);
    }
    next();
  }

  std::string_view text_;
  Document& into_;
  size_t at_ = 0;
  Position position_{1, 1};
};

}  // namespace

Document parse_json(std::string_view text, const std::string& file) {
  Document document{nullptr, file, {}};
  try {
    document.value = json::parse(text);
  } catch (const json::parse_error& error) {
    const auto at = position_at(text, error.byte ? error.byte - 1 : 0);
    std::string message = error.what();
    if (const auto colon = message.find(": "); colon != std::string::npos)
      message.erase(0, colon + 2);
    throw base::Error(
        {{base::cat(file, ":", at.line, ":", at.column), "is not JSON: " + message, ""}});
  } catch (const json::exception& error) {
    throw base::Error({{file, std::string("is not JSON: ") + error.what(), ""}});
  }
  Walker(text, document).walk();
  return document;
}

std::string append(const std::string& pointer, const std::string& key) {
  return pointer + "/" + base::replace_all(base::replace_all(key, "~", "~0"), "/", "~1");
}

std::string Document::where(const std::string& pointer) const {
  for (auto at = pointer;;) {
    if (const auto found = positions.find(at); found != positions.end())
      return base::cat(file, ":", found->second.line, ":", found->second.column);
    if (at.empty()) return file;
    at.erase(at.rfind('/'));
  }
}

std::string display_path(const std::string& pointer) {
  std::string text;
  if (pointer.empty()) return text;
  for (const auto& part : base::split(pointer.substr(1), '/')) {
    const auto key = base::replace_all(base::replace_all(part, "~1", "/"), "~0", "~");
    const bool number = !key.empty() && key.find_first_not_of("0123456789") == std::string::npos;
    const bool simple = !key.empty() && key.find_first_of(".[]\"/ ") == std::string::npos;
    if (number) {
      text += base::cat("[", key, "]");
    } else if (simple) {
      text += base::cat(text.empty() ? "" : ".", key);
    } else {
      text += base::cat("[", json(key).dump(), "]");
    }
  }
  return text;
}

}  // namespace lotse::document
