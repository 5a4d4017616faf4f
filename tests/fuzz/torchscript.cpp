#include "checkpoint/torchscript.h"
#include "reads.h"
#include "unit/checkpoint/export_emitter.h"

// A whole archive; or, by the first byte, one part of an archive that is right otherwise: a class,
// or one of the pickles.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = as_text(data, size);
  lotse::test::ExportEmitter file;
  std::string archive;
  if (bytes.starts_with("PK")) {
    archive = bytes;
  } else if (!bytes.empty() && bytes[0] == '1') {
    file.data = bytes.substr(1);
  } else if (!bytes.empty() && bytes[0] == '2') {
    file.constants = bytes.substr(1);
  } else {
    file.inner = bytes;
  }
  if (archive.empty()) archive = file.file();
  return takes_or_refuses([&] { lotse::checkpoint::scan_torchscript(archive); });
}
