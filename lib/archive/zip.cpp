#include "archive/zip.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::archive {

namespace {

constexpr std::uint32_t local_signature = 0x04034b50;
constexpr std::uint32_t central_signature = 0x02014b50;
constexpr std::uint32_t end_signature = 0x06054b50;
constexpr std::uint32_t end64_signature = 0x06064b50;
constexpr std::uint32_t locator64_signature = 0x07064b50;
constexpr std::uint64_t end_size = 22;
constexpr std::uint64_t locator64_size = 20;
constexpr std::uint64_t comment_most = 0xffff;
constexpr std::uint32_t in_zip64 = 0xffffffff;
constexpr std::uint64_t stored_method = 0;
constexpr std::uint64_t deflated_method = 8;

[[noreturn]] void wrong(std::uint64_t offset, const std::string& what) {
  throw base::Error(base::ErrorKind::invalid, base::cat("byte ", offset, ": ", what));
}

class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file) {}

  std::string_view bytes(std::uint64_t offset, std::uint64_t size) const {
    if (offset > file_.size() || size > file_.size() - offset) wrong(offset, "the zip file is cut");
    return file_.substr(offset, size);
  }
  std::uint64_t number(std::uint64_t offset, int size) const {
    const auto raw = bytes(offset, size);
    std::uint64_t value = 0;
    for (int i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(raw[i]);
    return value;
  }
  std::uint32_t signature(std::uint64_t offset) const {
    return static_cast<std::uint32_t>(number(offset, 4));
  }
  std::uint64_t size() const { return file_.size(); }

 private:
  std::string_view file_;
};

struct Directory {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t entries = 0;
};

std::uint64_t find_end(const Reader& in) {
  if (in.size() < end_size) wrong(in.size(), "the zip file is cut");
  const std::uint64_t last = in.size() - end_size;
  const std::uint64_t first = last > comment_most ? last - comment_most : 0;
  for (std::uint64_t at = last + 1; at-- > first;) {
    if (in.signature(at) == end_signature && at + end_size + in.number(at + 20, 2) == in.size())
      return at;
  }
  wrong(in.size(), "no end of a zip directory: not a zip file, or cut");
}

Directory find_directory(const Reader& in) {
  const auto end = find_end(in);
  Directory directory{in.number(end + 16, 4), in.number(end + 12, 4), in.number(end + 10, 2)};
  std::uint64_t limit = end;
  if (end >= locator64_size && in.signature(end - locator64_size) == locator64_signature) {
    const auto end64 = in.number(end - locator64_size + 8, 8);
    if (in.bytes(end64, 56).empty() || in.signature(end64) != end64_signature)
      wrong(end64, "no zip64 end of directory");
    directory = {in.number(end64 + 48, 8), in.number(end64 + 40, 8), in.number(end64 + 32, 8)};
    limit = end64;
  }
  if (directory.offset > limit || directory.size > limit - directory.offset)
    wrong(end, "the zip directory leaves the file");
  return directory;
}

/// What one record of the central directory says.
struct Record {
  std::string name;
  std::uint64_t at = 0;     ///< of the record
  std::uint64_t local = 0;  ///< of the local header
  std::uint64_t size = 0;
  std::uint64_t stored = 0;  ///< bytes in the file
  std::uint64_t length = 0;  ///< of the record
  bool deflated = false;
};

/// Fields that do not fit 32 bits lie in the extra field 0x0001, only those, in this order.
void read_zip64(const Reader& in, Record& record, std::uint64_t extra, std::uint64_t extra_size) {
  const auto end = extra + extra_size;
  while (extra + 4 <= end) {
    const auto id = in.number(extra, 2);
    const auto size = in.number(extra + 2, 2);
    if (size > end - extra - 4) wrong(extra, "an extra field leaves its record");
    if (id == 1) {
      auto at = extra + 4;
      for (auto* field : {&record.size, &record.stored, &record.local}) {
        if (*field != in_zip64) continue;
        if (at + 8 > extra + 4 + size) wrong(extra, "the zip64 field is too short");
        *field = in.number(at, 8);
        at += 8;
      }
      return;
    }
    extra += 4 + size;
  }
}

void check_name(const std::string& name, std::uint64_t at) {
  const auto parts = base::split(name, '/');
  const bool bad = name.empty() || name.front() == '/' ||
                   name.find_first_of(std::string_view("\\\0", 2)) != std::string::npos ||
                   std::find(parts.begin(), parts.end(), "..") != parts.end();
  if (bad) wrong(at, "an entry's name is not a plain relative path");
}

Record read_record(const Reader& in, std::uint64_t at) {
  if (in.signature(at) != central_signature) wrong(at, "no record of the zip directory here");
  if ((in.number(at + 8, 2) & 1) != 0) wrong(at, "the entry is encrypted");
  const auto method = in.number(at + 10, 2);
  if (method != stored_method && method != deflated_method)
    wrong(at, base::cat("the entry is compressed by method ", method));
  const auto name_size = in.number(at + 28, 2);
  const auto extra_size = in.number(at + 30, 2);
  Record record{std::string(in.bytes(at + 46, name_size)),
                at,
                in.number(at + 42, 4),
                in.number(at + 24, 4),
                in.number(at + 20, 4),
                46 + name_size + extra_size + in.number(at + 32, 2),
                method == deflated_method};
  in.bytes(at, record.length);
  check_name(record.name, at);
  read_zip64(in, record, at + 46 + name_size, extra_size);
  if (!record.deflated && record.size != record.stored) wrong(at, "a stored entry has two sizes");
  return record;
}

/// Where the entry's data begins.
std::uint64_t data_offset(const Reader& in, const Record& record) {
  if (in.signature(record.local) != local_signature)
    wrong(record.local, "no entry '" + record.name + "' here");
  const auto name_size = in.number(record.local + 26, 2);
  if (in.bytes(record.local + 30, name_size) != record.name)
    wrong(record.local, "the entry '" + record.name + "' has another name here");
  return record.local + 30 + name_size + in.number(record.local + 28, 2);
}

struct Span {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

void check_disjoint(std::vector<Span> spans, std::uint64_t limit) {
  std::sort(spans.begin(), spans.end(), [](auto a, auto b) { return a.begin < b.begin; });
  std::uint64_t last = 0;
  for (const auto& span : spans) {
    if (span.begin < last) wrong(span.begin, "entries overlap");
    last = span.end;
  }
  if (last > limit) wrong(limit, "an entry reaches into the directory");
}

}  // namespace

std::vector<ZipEntry> read_zip(std::string_view file) {
  const Reader in(file);
  const auto directory = find_directory(in);
  std::vector<ZipEntry> entries;
  std::vector<Span> spans;
  std::set<std::string> names;
  std::uint64_t at = directory.offset;
  const auto end = directory.offset + directory.size;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    auto record = read_record(in, at);
    if (record.length > end - at) wrong(at, "the zip directory is longer than it says");
    if (!names.insert(record.name).second) wrong(at, "two entries are named '" + record.name + "'");
    const auto data = data_offset(in, record);
    const auto bytes = in.bytes(data, record.stored);
    spans.push_back({record.local, data + record.stored});
    entries.push_back({std::move(record.name), bytes, record.size, record.deflated});
    at += record.length;
  }
  if (at != end) wrong(at, "the zip directory is shorter than it says");
  check_disjoint(std::move(spans), directory.offset);
  return entries;
}

std::vector<ZipEntry> read_stored_zip(std::string_view file) {
  auto entries = read_zip(file);
  for (const auto& entry : entries) {
    if (entry.deflated)
      wrong(static_cast<std::uint64_t>(entry.bytes.data() - file.data()),
            "the entry '" + entry.name + "' is compressed");
  }
  return entries;
}

std::string content_of(const ZipEntry& entry, std::uint64_t most) {
  const auto damaged = [&](const char* what) {
    throw base::Error(base::ErrorKind::invalid, entry.name + ": " + what);
  };
  if (entry.size > most || entry.bytes.size() > std::numeric_limits<uInt>::max())
    damaged("the entry is too long");
  if (!entry.deflated) return std::string(entry.bytes);
  std::string content(entry.size + 1, '\0');  // one more, which shows that there would be more
  z_stream stream = {};
  if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) damaged("no memory to read it");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(entry.bytes.data()));
  stream.avail_in = static_cast<uInt>(entry.bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(content.data());
  stream.avail_out = static_cast<uInt>(content.size());
  const int result = ::inflate(&stream, Z_FINISH);
  const bool whole =
      result == Z_STREAM_END && stream.total_out == entry.size && stream.avail_in == 0;
  ::inflateEnd(&stream);
  if (!whole) damaged("the compressed bytes are damaged");
  content.resize(entry.size);
  return content;
}

namespace {

void put(std::string& out, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

/// What the local header and the record of the directory share.
void put_common(std::string& out, const std::string& name, std::string_view content) {
  const auto* bytes = reinterpret_cast<const Bytef*>(content.data());
  put(out, 20, 2);  // version needed
  put(out, 0, 2 + 2);
  put(out, 0x00210000, 4);  // 1980-01-01
  put(out, ::crc32_z(0, bytes, content.size()), 4);
  put(out, content.size(), 4);
  put(out, content.size(), 4);
  put(out, name.size(), 2);
  put(out, 0, 2);
}

}  // namespace

std::string write_stored_zip(const std::vector<std::pair<std::string, std::string_view>>& entries) {
  std::string out;
  std::string directory;
  std::uint64_t total = end_size;
  for (const auto& [name, content] : entries) total += 2 * name.size() + content.size() + 76;
  if (total >= in_zip64 || entries.size() > 0xffff)
    throw base::Error(base::ErrorKind::invalid,
                      "more than 4 GiB, or 65,535 entries, in a zip file");
  out.reserve(total);
  for (const auto& [name, content] : entries) {
    put(directory, central_signature, 4);
    put(directory, 20, 2);
    put_common(directory, name, content);
    put(directory, 0, 2 + 2 + 2 + 4);
    put(directory, out.size(), 4);
    directory += name;
    put(out, local_signature, 4);
    put_common(out, name, content);
    out += name;
    out += content;
  }
  const auto at = out.size();
  out += directory;
  put(out, end_signature, 4);
  put(out, 0, 4);
  put(out, entries.size(), 2);
  put(out, entries.size(), 2);
  put(out, directory.size(), 4);
  put(out, at, 4);
  put(out, 0, 2);
  return out;
}

}  // namespace lotse::archive
