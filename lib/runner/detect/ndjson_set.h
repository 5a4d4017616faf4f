#pragma once
#include "runner/detect/dataset.h"

namespace lotse::runner::detect {

/// Reads a data set in Ultralytics' NDJSON form: a JSON object a line. The first line has `type`
/// "dataset", `task` and `class_names` (list, or map by number); each other one has `type` "image",
/// `file`, `split` ("train", "val", "test") and `annotations`, whose rows are those of label files
/// (label_rows.h): `boxes`, `segments` (outlines), `pose` (a box and keypoints, which are not
/// used). `file` begins at the file's folder, or at `path` in the first line; it may lie in
/// images/, images/SPLIT/ or SPLIT/ there. Pictures are files (picture_names.h): `url` is not
/// followed. Rows that repeat another one of their list count once.
DataSet read_ndjson_set(const std::filesystem::path& file, bool skip_bad, Parts parts);

}  // namespace lotse::runner::detect
