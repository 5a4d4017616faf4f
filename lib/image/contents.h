#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "archive/compress.h"
#include "image/build.h"

namespace lotse::image {

/// A file of the image: copied from `source`, or holding `text`; a folder if `folder`.
struct Item {
  std::string path;  ///< in the image, without the leading "/"
  unsigned mode = 0644;
  std::filesystem::path source;
  std::string text;
  bool folder = false;
};

struct LayerContents {
  std::string name;
  std::vector<Item> items;
};

/// What goes into which layer. The layer that changes least comes first: the system's libraries and
/// the files of /etc; the libraries found by a run path (libtorch); `lotse` with those that it
/// alone needs; the runner with its own.
std::vector<LayerContents> contents(const BuildOptions& options);

/// Writes the layer as a tar stream, the folders above each file included, in the order of the
/// paths.
void write_tar(const LayerContents& layer, const archive::Sink& out);

}  // namespace lotse::image
