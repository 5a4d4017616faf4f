#include <array>
#include <cstdio>
#include <mutex>
#include <regex>

#include "base/error.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "runner/detect/shapes.h"
#include "runner/detect/write_plain.h"
#include "runner/media/threads.h"

namespace lotse::runner::detect {

namespace fs = std::filesystem;

namespace {

std::string label_line(const Box& box, int side) {
  char line[128];
  std::snprintf(line, sizeof line, "%d %.6f %.6f %.6f %.6f\n", static_cast<int>(box.class_id),
                (box.x1 + box.x2) / 2 / side, (box.y1 + box.y2) / 2 / side, box.width() / side,
                box.height() / side);
  return line;
}

/// Whether write_shapes makes a file or folder of this name. `inside`: below the data set's folder.
bool is_ours(const fs::path& inside) {
  static const std::regex ours(
      "data\\.yaml(\\.partial\\.[0-9]+)?|(images|labels)(/(train|val))?|"
      "images/(train|val)/[0-9]{6,}\\.png|labels/(train|val)/[0-9]{6,}\\.txt|"
      "(train|val)(/(circle|square|triangle|star)(/[0-9]{6,}\\.png)?)?");
  return inside == shapes_mark || std::regex_match(inside.generic_string(), ours);
}

/// What lies in the folder, below it where it bears the mark; nothing is opened.
std::vector<fs::path> contents_of(const fs::path& folder, bool marked) {
  std::vector<fs::path> found;
  for (auto entry = fs::recursive_directory_iterator(folder);
       entry != fs::recursive_directory_iterator(); ++entry) {
    const auto inside = entry->path().lexically_relative(folder);
    const bool of_the_volume = inside == "lost+found";  // only root may look into it
    if (!marked || of_the_volume || entry->is_symlink()) entry.disable_recursion_pending();
    if (!of_the_volume) found.push_back(inside);
  }
  return found;
}

/// Leaves nothing of an earlier data set of ours, and the mark. Nobody else's files are removed.
void make_room(const fs::path& folder) {
  fs::create_directories(folder);
  const bool marked = fs::is_regular_file(fs::symlink_status(folder / shapes_mark));
  const auto contents = contents_of(folder, marked);
  for (const auto& inside : contents) {
    const bool linked = fs::is_symlink(fs::symlink_status(folder / inside));
    if (!marked || linked || !is_ours(inside))
      throw base::Error({{base::printable(folder.string()),
                          "holds other things: '" + base::printable(inside.string()) + "'",
                          "Name a new or empty folder."}});
  }
  if (!marked)
    write_plain(folder / shapes_mark,
                "`lotse-runner dataset shapes` made this data set and may write it anew.\n");
  fs::remove(folder / "data.yaml");  // first: without it the rest is no data set
  for (const auto& inside : contents)
    if (inside != shapes_mark && !fs::is_directory(folder / inside)) fs::remove(folder / inside);
}

/// "000012"
std::string numbered_stem(int64_t number) {
  auto stem = std::to_string(number);
  stem.insert(0, 6 - std::min<size_t>(6, stem.size()), '0');
  return stem;
}

void write_labelled(const fs::path& folder, const std::string& part, int64_t number,
                    const ShapesPicture& picture) {
  std::string labels;
  for (const auto& box : picture.boxes) labels += label_line(box, picture.image.width);
  const auto stem = numbered_stem(number);
  write_plain(folder / "images" / part / (stem + ".png"), media::encode_png(picture.image));
  write_plain(folder / "labels" / part / (stem + ".txt"), labels);
}

void write_by_class(const fs::path& folder, const std::string& part, int64_t number,
                    const ShapesPicture& picture) {
  const auto& name = shape_names()[static_cast<size_t>(picture.boxes.at(0).class_id)];
  write_plain(folder / part / name / (numbered_stem(number) + ".png"),
              media::encode_png(picture.image));
}

void make_folders(const fs::path& folder, const std::string& part, ShapesLayout layout) {
  if (layout == ShapesLayout::yolo) {
    fs::create_directories(folder / "images" / part);
    fs::create_directories(folder / "labels" / part);
  } else {
    for (const auto& name : shape_names()) fs::create_directories(folder / part / name);
  }
}

std::string data_yaml() {
  std::string yaml = "train: images/train\nval: images/val\nnames:\n";
  for (size_t i = 0; i < shape_names().size(); ++i)
    yaml += base::cat("  ", i, ": ", shape_names()[i], "\n");
  return yaml;
}

}  // namespace

ShapesCount write_shapes(const fs::path& folder, uint64_t seed, int64_t train, int64_t val,
                         int side, const std::function<void(int64_t, int64_t)>& progress,
                         int64_t threads, ShapesLayout layout) {
  make_room(folder);
  const bool yolo = layout == ShapesLayout::yolo;
  ShapesCount count;
  std::mutex counting;
  const std::array<std::pair<const char*, int64_t>, 2> parts = {{{"train", train}, {"val", val}}};
  for (uint64_t stream = 0; stream < parts.size(); ++stream) {
    const std::string name = parts[stream].first;
    make_folders(folder, name, layout);
    media::on_threads(parts[stream].second, threads, [&](int64_t i) {
      base::throw_if_interrupted();
      const auto picture =
          (yolo ? draw_shapes : draw_shape)(seed, stream, static_cast<uint64_t>(i), side);
      (yolo ? write_labelled : write_by_class)(folder, name, i, picture);
      const std::scoped_lock lock(counting);
      count.objects += static_cast<int64_t>(picture.boxes.size());
      ++count.pictures;
      if (progress) progress(count.pictures, train + val);
    });
  }
  // Last: a folder without it is not a data set.
  if (yolo) base::write_file_atomic(folder / "data.yaml", data_yaml());
  return count;
}

}  // namespace lotse::runner::detect
