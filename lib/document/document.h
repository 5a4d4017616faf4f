#pragma once
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace lotse::document {

/// A place in a text. Lines and columns count from 1; a column counts bytes in JSON, characters in
/// YAML.
struct Position {
  int line = 0;
  int column = 0;
};

/// One document of a file, and where each of its values stands.
struct Document {
  nlohmann::json value;
  std::string file;                           ///< its name as messages give it
  std::map<std::string, Position> positions;  ///< by JSON pointer ("/spec/containers/0")

  /// "FILE:LINE:COLUMN" of the value at `pointer`, or of the nearest value around it that the text
  /// has; the bare file name if there is none.
  std::string where(const std::string& pointer) const;
};

inline constexpr int max_depth = 100;

/// Reads all documents of a YAML stream by the rules of this room's README; empty documents are
/// left out. Throws Error(invalid) whose diagnostic names "FILE:LINE:COLUMN".
std::vector<Document> parse_yaml_stream(std::string_view text, const std::string& file);

/// Reads a text that holds one document; the value is null if it holds none. Throws Error(invalid),
/// also for more than one.
Document parse_yaml(std::string_view text, const std::string& file);

/// Reads one JSON document (RFC 8259); duplicate keys and depth over 100 are refused. Throws
/// Error(invalid) whose diagnostic names "FILE:LINE:COLUMN".
Document parse_json(std::string_view text, const std::string& file);

/// Reads and parses a file: JSON if its name ends in ".json", else YAML; "-" is standard input.
/// Throws Error(invalid).
Document read_document(const std::filesystem::path& path);

/// A scalar as a YAML file would hold it without quotes: "3" is 3, "yes" is true, "x" is "x".
nlohmann::json parse_scalar(const std::string& text);

/// "/spec/containers/0/na~1me" -> "spec.containers[0]["na/me"]": a JSON pointer as people write it.
std::string display_path(const std::string& pointer);

/// `pointer` + "/" + `key`, escaped as RFC 6901 says.
std::string append(const std::string& pointer, const std::string& key);

}  // namespace lotse::document
