#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "runner/detect/dataset.h"

namespace lotse::runner::detect {

/// A file in COCO's form (cocodataset.org, "Data format").
struct CocoFile {
  std::filesystem::path annotations;  ///< the JSON file
  std::filesystem::path pictures;     ///< where its file names begin; empty: looked for beside it
};

/// The pictures of a COCO file by their ids, with their boxes cut to them; each box once. Ids may
/// be texts (coco_ids.h), and names another system's or machine's (picture_names.h).
/// Categories of one name are one class. `names` are the classes; where it is empty, it becomes the
/// categories in the order of their ids, else one that it lacks is a mistake wherever it is used.
/// Annotations that mark crowds are no objects but Item::crowds, which `notes` tell, as they tell
/// where the pictures were found. Places are "FILE: annotations[17]". The file is read as it comes,
/// without its outlines: what is held at a time is a box an annotation.
std::vector<Item> read_coco(const CocoFile& file, std::vector<std::string>& names,
                            std::vector<std::string>& notes, task::Mistakes& mistakes);

/// Reads a COCO file and, where its name or its folder's tells which part of a data set it is,
/// those of the other parts beside it.
DataSet read_coco_set(const std::filesystem::path& annotations, bool skip_bad, Parts parts);

}  // namespace lotse::runner::detect
