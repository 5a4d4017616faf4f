#include "archive/tar_stream.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <numeric>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::archive {

namespace {

constexpr std::size_t block = 512;
constexpr std::size_t longest_path = 4096;
constexpr std::size_t longest_pax = 16384;
constexpr uint64_t most_in_octal = 077777777777;  // 11 digits

struct Place {
  std::size_t at;
  std::size_t size;
};
// POSIX.1-2017, pax, "ustar Header Block".
constexpr Place name_at{0, 100}, mode_at{100, 8}, owner_at{108, 8}, group_at{116, 8},
    size_at{124, 12}, time_at{136, 12}, sum_at{148, 8}, magic_at{257, 8};
constexpr std::size_t type_at = 156;
constexpr Place prefix_at{345, 155};

[[noreturn]] void refuse(const std::string& what, const std::string& why) {
  throw base::Error({{what, why, ""}});
}

void put_octal(std::string& header, Place place, uint64_t number) {
  for (std::size_t i = place.size - 1; i-- > 0; number >>= 3)
    header[place.at + i] = static_cast<char>('0' + (number & 7));
}

unsigned sum_of(const std::string& header) {
  unsigned sum = std::accumulate(header.begin(), header.end(), 0U, [](unsigned all, char byte) {
    return all + static_cast<unsigned char>(byte);
  });
  for (std::size_t i = 0; i < sum_at.size; ++i)
    sum += ' ' - static_cast<unsigned char>(header[sum_at.at + i]);
  return sum;
}

std::string raw_header(const std::string& path, char type, unsigned mode, uint64_t size) {
  std::string header(block, '\0');
  path.copy(&header[name_at.at], name_at.size);
  put_octal(header, mode_at, mode & 0777);
  put_octal(header, owner_at, 0);
  put_octal(header, group_at, 0);
  put_octal(header, size_at, std::min(size, most_in_octal));
  put_octal(header, time_at, 0);
  header[type_at] = type;
  std::memcpy(&header[magic_at.at], "ustar\00000", magic_at.size);
  put_octal(header, {sum_at.at, sum_at.size - 1}, sum_of(header));
  header[sum_at.at + 7] = ' ';
  return header;
}

/// "LENGTH KEY=VALUE\n", where LENGTH counts itself.
std::string pax_record(const std::string& key, const std::string& value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (std::to_string(length).size() + rest != length)
    length = std::to_string(length).size() + rest;
  return base::cat(length, " ", key, "=", value, "\n");
}

std::string text_at(const std::string& header, Place place) {
  const auto text = header.substr(place.at, place.size);
  return text.substr(0, text.find('\0'));
}

uint64_t octal_at(const std::string& header, Place place) {
  const auto text = base::trim(text_at(header, place));
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 8);
  if (error != std::errc() || end != text.data() + text.size())
    refuse("tar stream", "a number in a header is not octal");
  return number;
}

struct Pax {
  std::optional<std::string> path;
  std::optional<uint64_t> size;
};

uint64_t decimal(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    refuse("tar stream", "a pax header is damaged");
  return number;
}

Pax parse_pax(std::string_view records) {
  Pax pax;
  while (!records.empty()) {
    const auto blank = records.find(' ');
    const auto length = decimal(records.substr(0, std::min(blank, records.size())));
    if (length > records.size() || length < blank + 3 || records[length - 1] != '\n')
      refuse("tar stream", "a pax header is damaged");
    const auto record = records.substr(blank + 1, length - blank - 2);
    const auto equals = record.find('=');
    const auto key = record.substr(0, equals);
    if (key == "path")
      pax.path = record.substr(equals + 1);
    else if (key == "size")
      pax.size = decimal(record.substr(equals + 1));
    else
      refuse("tar stream", "a pax header says '" + std::string(key) + "', which is not understood");
    records.remove_prefix(length);
  }
  return pax;
}

std::string path_of(const std::string& header) {
  const auto prefix = text_at(header, prefix_at);
  return (prefix.empty() ? "" : prefix + "/") + text_at(header, name_at);
}

const char* kind_of(char type) {
  switch (type) {
    case '1':
      return "a hard link";
    case '2':
      return "a symbolic link";
    case '3':
    case '4':
      return "a device";
    case '6':
      return "a pipe";
    default:
      return "an entry of an unknown kind";
  }
}

void check_header(const std::string& header) {
  if (octal_at(header, sum_at) != sum_of(header) || text_at(header, {257, 5}) != "ustar")
    refuse("tar stream", "a header is damaged");
}

uint64_t padding_of(uint64_t size) {
  return (block - size % block) % block;
}

}  // namespace

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.size() > longest_path || path.find('\0') != path.npos) return false;
  for (const auto& part : base::split(path, '/'))
    if (part.empty() || part == "." || part == "..") return false;
  return true;
}

std::string tar_header(const TarEntry& entry) {
  std::string records;
  if (entry.path.size() >= name_at.size) records += pax_record("path", entry.path);
  if (entry.size > most_in_octal) records += pax_record("size", std::to_string(entry.size));
  std::string blocks;
  if (!records.empty())
    blocks = raw_header("pax", 'x', 0644, records.size()) + records + tar_padding(records.size());
  return blocks + raw_header(entry.path, entry.folder ? '5' : '0', entry.mode, entry.size);
}

std::string tar_padding(uint64_t size) {
  return std::string(padding_of(size), '\0');
}

std::string tar_end() {
  return std::string(2 * block, '\0');
}

void TarStreamReader::fill(char* into, std::size_t size) {
  while (size > 0) {
    const std::size_t count = source_(into, size);
    if (count == 0) refuse("tar stream", "it ends in the middle");
    into += count;
    size -= count;
  }
}

std::string TarStreamReader::take(std::size_t size) {
  std::string bytes(size, '\0');
  fill(bytes.data(), size);
  return bytes;
}

std::size_t TarStreamReader::read(char* into, std::size_t room) {
  const auto size = static_cast<std::size_t>(std::min<uint64_t>(room, left_));
  fill(into, size);
  left_ -= size;
  return size;
}

std::optional<TarEntry> TarStreamReader::next() {
  char skipped[block];
  while (read(skipped, sizeof skipped) > 0) {
  }
  take(padding_);
  padding_ = 0;
  Pax pax;
  std::string header = take(block);
  if (header == std::string(block, '\0')) return {};
  check_header(header);
  if (header[type_at] == 'x') {
    const auto size = octal_at(header, size_at);
    if (size > longest_pax) refuse("tar stream", "a pax header is too long");
    pax = parse_pax(take(size));
    take(padding_of(size));
    header = take(block);
    check_header(header);
  }
  const char type = header[type_at];
  TarEntry entry{pax.path.value_or(path_of(header)), type == '5',
                 static_cast<unsigned>(octal_at(header, mode_at) & 0777),
                 pax.size.value_or(octal_at(header, size_at))};
  if (type != '0' && type != '\0' && type != '5')
    refuse(entry.path, std::string("is ") + kind_of(type));
  if (entry.folder && entry.path.ends_with('/')) entry.path.pop_back();
  if (!is_safe_path(entry.path)) refuse(entry.path, "is not a path below the folder");
  if (entry.folder && entry.size != 0) refuse(entry.path, "is a folder with content");
  left_ = entry.size;
  padding_ = padding_of(entry.size);
  return entry;
}

}  // namespace lotse::archive
