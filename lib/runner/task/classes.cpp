#include "runner/task/classes.h"

#include "base/error.h"
#include "base/strings.h"

namespace lotse::runner::task {

void check_classes(const std::string& model, const std::vector<std::string>& of_model,
                   const std::string& data, const std::vector<std::string>& of_data,
                   const Emit& emit) {
  if (of_model.size() != of_data.size())
    throw base::Error(
        {{model,
          base::cat("tells ", of_model.size(), " classes apart, ", data, " has ", of_data.size()),
          "Take the data set, or the model, that belongs to it."}});
  if (of_model != of_data)
    emit({"warning",
          base::cat(model, " names its classes otherwise than ", data,
                    ": they are compared by their numbers"),
          {}});
}

}  // namespace lotse::runner::task
