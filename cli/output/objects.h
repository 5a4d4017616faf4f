#pragma once
#include <functional>
#include <memory>
#include <string>

#include "action/get.h"

namespace lotse::cli {

/// Prints what `lotse get` brings, as it comes: memory does not grow with the list, but for
/// jsonpath, which is about the whole.
class ObjectPrinter {
 public:
  using Out = std::function<void(const std::string& text)>;
  virtual ~ObjectPrinter() = default;
  virtual action::Form form() const = 0;
  virtual bool wants_managed_fields() const { return false; }
  virtual action::GetSink sink() = 0;
  virtual void end() {}  ///< nothing more will come
};

struct PrintOptions {
  std::string form = "table";  ///< table, wide, name, json, yaml, jsonpath=TEMPLATE
  bool single = false;         ///< one object, not a list
  bool watch = false;          ///< objects one after another, none encloses them
  bool headers = true;
  bool managed_fields = false;
};

/// Throws Error(invalid) for an unknown form and a wrong template.
std::unique_ptr<ObjectPrinter> make_object_printer(const PrintOptions& options,
                                                   ObjectPrinter::Out out);

/// The forms that make_object_printer takes, for help and completion.
std::vector<std::string> object_forms();

}  // namespace lotse::cli
