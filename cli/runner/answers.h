#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "cli/runner/output.h"
#include "cli/runner/save_folder.h"
#include "runner/task/pictures.h"

namespace lotse::cli::runner {

/// What there is to say of one picture.
struct Answer {
  std::filesystem::path file;
  lotse::runner::media::Image picture;
  lotse::runner::task::PictureResult result;
  std::string error;  ///< why it cannot be read; then there is nothing else
};

/// Of each file, predicted together. A picture that is damaged or not there does not keep the
/// others from being used; a disk that fails does.
std::vector<Answer> answers_for(const std::vector<std::filesystem::path>& files,
                                lotse::runner::task::PicturePredictor& predictor);

/// Writes the picture with its results drawn into it, and says nothing. Returns where.
const std::filesystem::path& save_annotated(Answer& answer, const SaveFolder& folder);

}  // namespace lotse::cli::runner
