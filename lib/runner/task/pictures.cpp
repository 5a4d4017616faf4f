#include "runner/task/pictures.h"

namespace lotse::runner::task {

Route picture_route(const std::string& path, PicturePredictor& predictor) {
  return {path, [&predictor](std::string_view body) -> nlohmann::json {
            const auto picture = media::decode_image(body, "picture");
            auto result = predictor.predict({&picture}).at(0);
            return {{"width", picture.width},
                    {"height", picture.height},
                    {predictor.results(), std::move(result.found)}};
          }};
}

}  // namespace lotse::runner::task
