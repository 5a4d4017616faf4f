#pragma once
#include "runner/detect/dataset.h"

namespace lotse::runner::detect {

/// Where the label file of a picture is looked for: the last "images" in its path becomes "labels",
/// ending .txt.
std::filesystem::path label_file(const std::filesystem::path& picture);

/// The label files that lie where those of the set's pictures do and belong to no picture there;
/// sorted. Names that begin with "." and classes.txt are none.
std::vector<std::filesystem::path> labels_without_picture(const DataSet& set);

/// Reads data.yaml of YOLO's format and what it names.
/// - `path` (relative to the file's folder; may be absent), `names` (list or map), `train`, `val`
///   and `test`, each an entry or a list of them: a folder (with those below it); a .txt list of
///   pictures, relative to the list's folder or else to data.yaml's; COCO's JSON, alone or as
///   {annotations: FILE, images: FOLDER}. Where COCO's JSON has the labels, `names` may be absent.
///   "../x" that is not there is taken as "x", as Roboflow means it, "x\y" as "x/y", and `valid` as
///   `val`; names in lists may be another system's or machine's (picture_names.h).
/// - The label file of each picture; none: no objects. Where none of a part's pictures has one,
///   those beside the pictures are taken.
/// - A label line is "class x y width height" (centre, parts of the side) or "class x1 y1 x2 y2 x3
///   y3 ..." (an outline, of which the box is the object's). With `kpt_shape: [N, D]` it is a box,
///   and N x D values behind it that are not used, or none. Values up to 1 % outside are cut;
///   lines that repeat another one of their file count once.
DataSet read_yolo_set(const std::filesystem::path& yaml, bool skip_bad, Parts parts);

}  // namespace lotse::runner::detect
