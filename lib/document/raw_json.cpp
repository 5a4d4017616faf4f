#include "document/raw_json.h"

#include "document/raw_scanner.h"

namespace lotse::document {

namespace {

void new_line(std::string& out, size_t depth) {
  out += '\n';
  out.append(2 * depth, ' ');
}

void append_without(std::string& out, std::string_view value, const std::vector<RawPath>& paths) {
  const auto parts_of = [&](auto parts, char opening, auto append_part) {
    out += opening;
    for (const auto& part : parts) {
      const auto size = out.size();
      if (out.back() != opening) out += ',';
      if (!append_part(part)) out.resize(size);
    }
    out += opening == '{' ? '}' : ']';
  };
  if (paths.empty()) {
    out += value;
  } else if (value.starts_with('[')) {
    parts_of(raw_elements(value), '[', [&](std::string_view element) {
      append_without(out, element, paths);
      return true;
    });
  } else if (value.starts_with('{')) {
    parts_of(raw_members(value), '{', [&](const RawMember& member) {
      std::vector<RawPath> further;
      for (const auto& path : paths) {
        if (path.front() != member.key) continue;
        if (path.size() == 1) return false;
        further.emplace_back(path.begin() + 1, path.end());
      }
      out.append(1, '"').append(member.key).append("\":");
      append_without(out, member.value, further);
      return true;
    });
  } else {
    out += value;
  }
}

}  // namespace

std::vector<RawMember> raw_members(std::string_view object) {
  Scanner scanner(object);
  std::vector<RawMember> members;
  scanner.need('{');
  between(scanner, '}', [&] {
    RawMember member;
    member.key = scanner.string();
    scanner.need(':');
    member.value = scanner.value();
    members.push_back(member);
  });
  return members;
}

std::vector<std::string_view> raw_elements(std::string_view array) {
  Scanner scanner(array);
  std::vector<std::string_view> elements;
  scanner.need('[');
  between(scanner, ']', [&] { elements.push_back(scanner.value()); });
  return elements;
}

std::string_view raw_member(std::string_view object, std::string_view key) {
  for (const auto& member : raw_members(object))
    if (member.key == key) return member.value;
  return {};
}

std::string_view raw_text(std::string_view object, const RawPath& path) {
  for (const auto key : path) {
    if (!object.starts_with('{')) return {};
    object = raw_member(object, key);
  }
  if (object.size() < 2 || object.front() != '"') return {};
  return object.substr(1, object.size() - 2);
}

std::string without_members(std::string_view value, const std::vector<RawPath>& paths) {
  std::string out;
  append_without(out, value, paths);
  return out;
}

void append_indented(std::string& out, std::string_view value, size_t depth) {
  Scanner scanner(value);
  std::string open;
  do {
    const char c = scanner.peek();
    if (c == '{' || c == '[') {
      const char closing = c == '{' ? '}' : ']';
      scanner.need(c);
      out += c;
      if (scanner.take(closing)) {
        out += closing;
      } else {
        open += closing;
        new_line(out, depth + open.size());
      }
    } else if (c == '}' || c == ']') {
      if (open.empty() || open.back() != c) scanner.refuse();
      scanner.need(c);
      open.pop_back();
      new_line(out, depth + open.size());
      out += c;
    } else if (c == ',' || c == ':') {
      if (open.empty()) scanner.refuse();
      scanner.need(c);
      out += c;
      c == ':' ? void(out += ' ') : new_line(out, depth + open.size());
    } else {
      out += scanner.value();
    }
  } while (!open.empty());
}

}  // namespace lotse::document
