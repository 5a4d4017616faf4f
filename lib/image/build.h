#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "archive/compress.h"
#include "image/dlopened.h"

namespace lotse::image {

/// What goes into an image, and where it is written. At least one of `folder` and `tar` is needed.
struct BuildOptions {
  /// The runner, and `lotse`, either of which may be left out; their libraries are found as the
  /// loader finds them. The runner is what the image runs, else `lotse`.
  std::filesystem::path runner;
  std::filesystem::path client = {};
  std::filesystem::path folder;  ///< writes an OCI image layout here; one that is there is replaced
  std::filesystem::path tar;     ///< writes the same layout as one tar file (an "oci-archive")
  std::string reference;         ///< "NAME:TAG" or "HOST/NAME:TAG", written into index.json
  std::map<std::string, std::string>
      labels;  ///< of the image, e.g. org.opencontainers.image.version
  archive::Compression compression = archive::Compression::zstd;  ///< of the layers
  /// The numeric UID:GID that runs the program unless the pod says another. It is root because
  /// claims on hostPath and NFS volumes belong to root; the image also runs as any other user.
  std::string user = "0:0";
  bool cuda = false;  ///< whether libtorch_cuda and what it needs go into the image
  std::vector<Dlopened> dlopened = dlopened_by_runner();
  std::vector<Dlopened> client_dlopened = dlopened_by_client();
  /// Folders to search for libraries where the loader would search LD_LIBRARY_PATH, which itself is
  /// not read.
  std::vector<std::filesystem::path> library_folders;
  /// The folder that keeps compressed layers, so that a layer that did not change is not compressed
  /// again; usually base::cache_folder() / "layers". Empty: nothing is kept.
  std::filesystem::path cache;
};

struct BuiltLayer {
  std::string name;                 ///< "system", "libraries", "lotse" or "runner"
  std::string digest;               ///< "sha256:…" of the blob
  std::uint64_t size = 0;           ///< of the blob, bytes
  std::uint64_t unpacked_size = 0;  ///< of the tar in it, bytes
  bool from_cache = false;
  std::vector<std::string> files;  ///< paths in the image
};

struct BuildResult {
  std::string reference;
  std::string digest;      ///< "sha256:…" of the manifest: the image's identity
  std::uint64_t size = 0;  ///< of all blobs: what a node pulls, bytes
  std::vector<BuiltLayer> layers;
};

/// Writes an image (OCI image-spec 1.0) that holds the program, what it loads, and nothing else. It
/// runs in an empty root: no shell, no distribution. The same files and options give the same
/// bytes, wherever they are written. Files are written aside and renamed.
/// Throws Error(invalid) with a diagnostic for each library that is not found, for a file that is
/// not a program for Linux x86-64, and for a `folder` that holds something else than a layout.
BuildResult build(const BuildOptions& options);

}  // namespace lotse::image
