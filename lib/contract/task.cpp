#include "contract/task.h"

#include "base/strings.h"

namespace lotse::contract {

std::string others_option(const Field& field, const std::string& task) {
  return base::cat("is an option of models for ", base::replace_all(field.tasks, " ", " and "),
                   ", and this one is for ", task);
}

std::string task_of_name(const std::string& model) {
  const bool name = model.starts_with("yolo") && model.find_first_of("./:") == std::string::npos;
  if (!name) return "";
  return model.ends_with("-cls") ? "classify" : "detect";
}

}  // namespace lotse::contract
