#include "cli/runner/answers.h"

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"

namespace lotse::cli::runner {

namespace fs = std::filesystem;
namespace media = lotse::runner::media;
namespace task = lotse::runner::task;

namespace {

Answer read(const fs::path& file) {
  try {
    return {file, media::read_image(file), {}, ""};
  } catch (const base::Error& error) {
    if (error.kind() != base::ErrorKind::invalid) throw;
    return {file, {}, {}, error.what()};
  }
}

}  // namespace

std::vector<Answer> answers_for(const std::vector<fs::path>& files,
                                task::PicturePredictor& predictor) {
  std::vector<Answer> answers;
  answers.reserve(files.size());
  for (const auto& file : files) answers.push_back(read(file));
  std::vector<const media::Image*> views;
  for (const auto& answer : answers)
    if (answer.error.empty()) views.push_back(&answer.picture);
  auto found = predictor.predict(views);
  auto next = found.begin();
  for (auto& answer : answers)
    if (answer.error.empty()) answer.result = std::move(*next++);
  return answers;
}

const fs::path& save_annotated(Answer& answer, const SaveFolder& folder) {
  answer.result.draw(answer.picture);
  const auto& target = folder.target(answer.file);
  const auto ending = base::lower(target.extension().string());
  base::write_file_atomic(target, ending == ".png"    ? media::encode_png(answer.picture)
                                  : ending == ".webp" ? media::encode_webp(answer.picture)
                                                      : media::encode_jpeg(answer.picture));
  return target;
}

}  // namespace lotse::cli::runner
