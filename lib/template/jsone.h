#pragma once
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

/// JSON-e (https://json-e.js.org, language version 4.8): templates that are JSON themselves.
namespace lotse::tmpl::jsone {

/// A mistake in a template or an expression. what() is worded as the language's own suite words it:
/// "TemplateError at template.foo[1]: ...".
struct Error : std::runtime_error {
  Error(std::string error_kind, std::string error_path, std::string error_message);
  std::string kind;      ///< TemplateError, SyntaxError, InterpreterError or BuiltinError
  std::string path;      ///< ".foo[1]", "" at the top
  std::string message;   ///< without kind and path
  std::string fragment;  ///< the fragment that `path` is in; "" for the template itself
  std::string pointer;   ///< of the innermost value around the mistake, in the template as written
};

/// Templates that others include, by name: {$include: NAME} renders as the fragment would in its
/// place, with the variables that are known there. This is no part of the language: without
/// fragments `$include` is refused as the language refuses it.
using Fragments = std::map<std::string, nlohmann::json>;

/// Renders `value` with the variables of `context`. It is a pure function: $fromNow and fromNow()
/// take the time from the context's `now` (ISO 8601). It is bounded: at most 2 million steps,
/// strings of 16 MiB, lists of a million items, fragments 10 deep within each other; fragments
/// spend of the same steps. Throws jsone::Error.
nlohmann::json render(const nlohmann::json& value, const nlohmann::json& context,
                      const Fragments& fragments = {});

/// "$eval", "$if", ...
std::vector<std::string> operator_names();
/// "uppercase", "len", ...
std::vector<std::string> function_names();

}  // namespace lotse::tmpl::jsone
