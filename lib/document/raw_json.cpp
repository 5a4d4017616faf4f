#include "document/raw_json.h"

#include "document/raw_scanner.h"

namespace lotse::document {

namespace {

void new_line(std::string& out, size_t depth) {
  out += '\n';
  out.append(2 * depth, ' ');
}

void append_without(std::string& out, std::string_view value, const std::vector<RawPath>& paths);

void append_members(std::string& out, const std::vector<RawMember>& members,
                    const std::vector<RawPath>& paths) {
  out += '{';
  for (const auto& [key, value] : members) {
    std::vector<RawPath> further;
    bool leads_here = false;
    for (const auto& path : paths) {
      if (path.front() != key) continue;
      leads_here = leads_here || path.size() == 1;
      further.emplace_back(path.begin() + 1, path.end());
    }
    if (leads_here) continue;
    if (out.back() != '{') out += ',';
    out.append(1, '"').append(key).append("\":");
    append_without(out, value, further);
  }
  out += '}';
}

void append_without(std::string& out, std::string_view value, const std::vector<RawPath>& paths) {
  if (paths.empty() || (!value.starts_with('{') && !value.starts_with('['))) {
    out += value;
  } else if (value.starts_with('{')) {
    append_members(out, raw_members(value), paths);
  } else {
    out += '[';
    for (const auto element : raw_elements(value)) {
      if (out.back() != '[') out += ',';
      append_without(out, element, paths);
    }
    out += ']';
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

std::string without_members(const std::vector<RawMember>& object,
                            const std::vector<RawPath>& paths) {
  std::string out;
  append_members(out, object, paths);
  return out;
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
