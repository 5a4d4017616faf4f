// check_schema [--lines] SCHEMA FILE: whether a JSON file, or each line of it, has the form of a
// JSON Schema (draft 7). By the room that checks values for `lotse`, which does not follow remote
// references.
#include <iostream>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "document/document.h"
#include "schema/schema.h"

using namespace lotse;

namespace {

int check(const nlohmann::json& schema, const std::string& text, const std::string& file) {
  const auto document = document::parse_json(text, file);
  const auto problems = schema::validate(
      schema, document.value, [&](const auto& pointer) { return document.where(pointer); });
  for (const auto& problem : problems)
    std::cout << problem.where << ": " << problem.message << "\n";
  return problems.empty() ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  const bool lines = count == 4 && std::string(words[1]) == "--lines";
  if (count != 3 && !lines) {
    std::cout << "check_schema [--lines] SCHEMA FILE\n";
    return 2;
  }
  const std::string file = words[count - 1];
  try {
    const auto schema = document::read_document(words[count - 2]).value;
    const auto text = base::read_file(file);
    if (!lines) return check(schema, text, file);
    int number = 0, failed = text.empty() ? 1 : 0;
    for (const auto& line : base::split(base::trim(text), '\n'))
      failed |= check(schema, line, base::cat(file, ", line ", ++number));
    return failed;
  } catch (const base::Error& error) {
    std::cout << error.what() << "\n";
    return 2;
  }
}
