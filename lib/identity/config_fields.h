#pragma once
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "base/diagnostic.h"
#include "document/document.h"

/// The fields of a kubeconfig and their types, after client-go's tools/clientcmd/api/v1/types.go.
namespace lotse::identity {

using nlohmann::json;

enum class Part { cluster, user, context, preferences };

/// Reads parts of one kubeconfig into the form in which `kubectl config view --raw -o json` prints
/// them: fields that nobody knows are left out, as are empty ones that kubectl omits; extensions
/// come sorted. What has the wrong type is added to `problems` with its place, never its value.
class FieldReader {
 public:
  FieldReader(const document::Document& file, base::Diagnostics& problems)
      : file_(file), problems_(problems) {}

  json part(const json& value, Part part, const std::string& pointer) const;
  /// {name, extension} entries as a map; empty if there are none.
  std::map<std::string, json> extensions(const json& value, const std::string& pointer) const;
  std::string text(const json& object, const char* key, const std::string& pointer) const;

 private:
  enum class Type { text, flag, bytes, texts, text_map, texts_map, variables, extensions, part };
  struct Field;
  struct Fields;

  json object(const json& value, const Fields& fields, const std::string& pointer) const;
  json field(const json& value, const Field& field, const std::string& pointer) const;
  json text_of(const json& value, const std::string& pointer) const;
  json flag_of(const json& value, const std::string& pointer) const;
  json bytes_of(const json& value, const std::string& pointer) const;
  json texts_of(const json& value, const std::string& pointer) const;
  json map_of(const json& value, Type of, const std::string& pointer) const;
  json variables_of(const json& value, const std::string& pointer) const;
  void problem(const std::string& pointer, const std::string& message) const;

  const document::Document& file_;
  base::Diagnostics& problems_;
};

/// {"a": x} -> [{"name": "a", KEY: x}], sorted by name.
json named_list(const std::map<std::string, json>& entries, const char* key);

}  // namespace lotse::identity
