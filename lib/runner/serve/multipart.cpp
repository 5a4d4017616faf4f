#include "runner/serve/multipart.h"

#include <vector>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::runner::serve {

using base::Error;

namespace {

constexpr std::string_view line_end = "\r\n";

struct Part {
  bool file = false;  ///< it has a file name
  std::string_view content;
};

/// The value of "NAME=" among the parameters of a header, without its quotes; "" for none.
std::string parameter(const std::string& header, const std::string& name) {
  const auto parts = base::split(header, ';');
  for (size_t i = 1; i < parts.size(); ++i) {
    const auto text = base::trim(parts[i]);
    const auto equals = text.find('=');
    if (equals == std::string::npos || base::lower(base::trim(text.substr(0, equals))) != name)
      continue;
    auto value = base::trim(text.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    return value;
  }
  return "";
}

[[noreturn]] void wrong_form(const std::string& what) {
  throw Error({{"body", "is no multipart/form-data: " + what, ""}});
}

/// `text` from behind the line of the boundary up to the next one: headers, an empty line, content.
Part read_part(std::string_view text) {
  Part part;
  while (!text.starts_with(line_end)) {
    const auto end = text.find(line_end);
    if (end == std::string_view::npos) wrong_form("a part has no end of its headers");
    const auto header = base::lower(text.substr(0, end));
    if (header.starts_with("content-disposition:"))
      part.file = header.find("filename=") != std::string::npos ||
                  header.find("filename*=") != std::string::npos;
    text.remove_prefix(end + line_end.size());
  }
  part.content = text.substr(line_end.size());
  return part;
}

std::vector<Part> read_parts(std::string_view body, const std::string& boundary) {
  const std::string first = "--" + boundary;
  const std::string next = "\r\n" + first;
  const auto begin = body.starts_with(first) ? 0 : body.find(next);
  if (begin == std::string_view::npos) wrong_form("the boundary of its Content-Type is not in it");
  body.remove_prefix(begin + (begin == 0 ? first : next).size());
  std::vector<Part> parts;
  while (!body.starts_with("--")) {
    const auto line = body.find(line_end);
    const auto end = body.find(next);
    if (line == std::string_view::npos || end == std::string_view::npos || end < line)
      wrong_form("it ends within a part");
    const auto start = line + line_end.size();
    parts.push_back(read_part(body.substr(start, end < start ? 0 : end - start)));
    body.remove_prefix(end + next.size());
  }
  return parts;
}

}  // namespace

bool is_form(std::string_view content_type) {
  return base::lower(base::trim(content_type.substr(0, content_type.find(';')))) ==
         "multipart/form-data";
}

std::string_view only_file(std::string_view body, const std::string& content_type) {
  const auto boundary = parameter(content_type, "boundary");
  if (boundary.empty()) wrong_form("its Content-Type has no boundary");
  const auto parts = read_parts(body, boundary);
  std::vector<std::string_view> files;
  for (const auto& part : parts)
    if (part.file) files.push_back(part.content);
  if (files.empty() && parts.size() == 1) return parts[0].content;
  if (files.size() != 1)
    throw Error(
        {{"body", base::cat("the form holds ", files.size(), " files: send one picture a request"),
          ""}});
  return files[0];
}

}  // namespace lotse::runner::serve
