// TorchScript's archive: torch/csrc/jit/docs/serialization.md, and seen in real files.
#include "checkpoint/torchscript.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <set>

#include "archive/zip.h"
#include "base/error.h"
#include "base/strings.h"
#include "checkpoint/mapped_file.h"
#include "checkpoint/script.h"
#include "checkpoint/tensor_node.h"

namespace lotse::checkpoint {

namespace {

using Kind = Node::Kind;

constexpr std::uint64_t longest_source = std::uint64_t{8} << 20;
constexpr std::uint64_t longest_sources = std::uint64_t{32} << 20;
constexpr std::uint64_t longest_extra = std::uint64_t{1} << 20;
constexpr int deepest_module = 64;
constexpr auto hint = "Export it from the .pt with `lotse export`.";

[[noreturn]] void wrong(const std::string& what) {
  throw base::Error(base::ErrorKind::invalid, what);
}

/// The members that matter, by their names under the archive's root.
struct Members {
  std::string root;                            ///< "archive/"
  std::map<std::string, std::string> sources;  ///< "code/__torch__.py"
  std::string_view data;
  std::string_view constants;
  std::string version;
  Storages data_storages;
  Storages constant_storages;
  std::map<std::string, std::string> extra;
};

/// PyTorch's reader takes the first entry's folder for the root, and finds names whatever their
/// case: a file that means different things to it and to us is refused.
void check_names(const std::vector<archive::ZipEntry>& entries, const std::string& root) {
  std::set<std::string> names;
  for (const auto& entry : entries) {
    if (!entry.name.starts_with(root)) wrong("'" + entry.name + "' lies outside of " + root);
    if (!names.insert(base::lower(entry.name)).second)
      wrong("two entries are named '" + entry.name + "' but for their case");
  }
}

Members read_members(std::string_view file) {
  const auto entries = archive::read_zip(file);
  Members members;
  if (entries.empty()) wrong("the zip file is empty");
  members.root = entries[0].name.substr(0, entries[0].name.find('/')) + "/";
  check_names(entries, members.root);
  std::uint64_t sources = 0;
  for (const auto& entry : entries) {
    const auto name = entry.name.substr(members.root.size());
    const auto stored = [&] {
      if (entry.deflated) wrong("'" + entry.name + "' is compressed");
      return entry.bytes;
    };
    if (name == "data.pkl") {
      members.data = stored();
    } else if (name == "constants.pkl") {
      members.constants = stored();
    } else if (name == "version") {
      members.version = base::trim(archive::content_of(entry, 16));
    } else if (name == "byteorder") {
      if (base::trim(archive::content_of(entry, 16)) != "little")
        wrong("the tensors are not little-endian");
    } else if (name.starts_with("data/")) {
      members.data_storages.emplace(name.substr(5), stored());
    } else if (name.starts_with("constants/")) {
      members.constant_storages.emplace(name.substr(10), stored());
    } else if (name.starts_with("extra/")) {
      members.extra.emplace(name.substr(6), archive::content_of(entry, longest_extra));
    } else if (name.starts_with("code/") && name.ends_with(".py")) {
      sources += entry.size;
      if (sources > longest_sources) wrong("the code is longer than 32 MiB");
      members.sources.emplace(name, archive::content_of(entry, longest_source));
    }
  }
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (members.data.empty() || members.constants.empty()) wrong("the file lacks data.pkl");
  if (members.version.empty() || members.version.size() > 3 ||
      !std::all_of(members.version.begin(), members.version.end(), is_digit))
    wrong("the file has no version");
  return members;
}

/// "code/__torch__/a/b.py" is the module "__torch__.a.b".
std::string module_of(const std::string& member) {
  const auto path = member.substr(5, member.size() - 5 - 3);
  return base::replace_all(path, "/", ".");
}

/// Writes the pickles anew, of what may be in them and nothing else; the rest is a finding.
class Rewriting {
 public:
  /// `folder`: "data" or "constants", where the tensors go.
  Rewriting(std::string_view text, const Storages& storages, std::string folder, std::string member)
      : pickle_(read_pickle(text)),
        storages_(storages),
        folder_(std::move(folder)),
        member_(std::move(member)) {}

  /// data.pkl: the module and its submodules.
  void write_module(const Script& script) {
    script_ = &script;
    const Node& root = at(pickle_.root);
    if (root.kind != Kind::object || root.items.empty())
      return found("the root", "is not a module");
    module(pickle_.root, at(root.items[0]).text, 0);
    out_ += '.';
  }

  /// constants.pkl: a tuple of tensors.
  void write_constants() {
    const Node& root = at(pickle_.root);
    if (root.kind != Kind::tuple) return found("the root", "is not a tuple of constants");
    out_ += '(';
    for (std::size_t i = 0; i < root.items.size(); ++i)
      tensor(at(root.items[i]), base::cat("c", i));
    out_ += "t.";
  }

  const std::string& pickle() const { return out_; }
  /// Their names in the archive, and their bytes, which lie in the file.
  const std::vector<std::pair<std::string, std::string_view>>& records() const { return records_; }
  Findings findings;

 private:
  const Node& at(Ref ref) const { return pickle_.at(ref); }

  void found(const std::string& what, const std::string& why) {
    if (findings.size() < 100) findings.push_back({member_, what, "the pickle", why});
  }

  void module(Ref ref, const std::string& type, int depth) {
    const Node& node = at(ref);
    const bool right = node.kind == Kind::object && node.items.size() == 3 &&
                       at(node.items[0]).kind == Kind::global &&
                       at(node.items[2]).kind == Kind::dict;
    const std::string given = right ? at(node.items[0]).text : "a value";
    const auto known = script_->classes.find(type);
    if (!right || given != type || known == script_->classes.end())
      return found(given, "is not a submodule of a class in the file's code");
    if (depth > deepest_module) return found(type, "is nested too deeply");
    if (const auto written = modules_.find(ref); written != modules_.end())
      return number('j', written->second, 4);
    const auto split = type.rfind('.');
    out_ += "c" + type.substr(0, split) + "\n" + type.substr(split + 1) + "\n)\x81";
    number('r', modules_.size(), 4);
    modules_.emplace(ref, modules_.size());
    out_ += "}(";
    const auto& state = at(node.items[2]).items;
    for (std::size_t i = 0; i + 1 < state.size(); i += 2)
      attribute(at(state[i]), state[i + 1], known->second, depth);
    out_ += "ub";
  }

  void attribute(const Node& key, Ref ref, const Script::Attributes& attributes, int depth) {
    const auto declared = attributes.find(key.text);
    if (key.kind != Kind::text || declared == attributes.end())
      return found(key.text, "is not an attribute that the code declares");
    const auto& type = declared->second;
    text(key.text);
    if (type.starts_with("__torch__.")) return module(ref, type, depth + 1);
    const Node& node = at(ref);
    const bool optional = type.starts_with("Optional[");
    const auto inner = optional ? type.substr(9, type.size() - 10) : type;
    if (node.kind == Kind::none && (optional || type == "NoneType")) {
      out_ += 'N';
    } else if (inner == "Tensor") {
      tensor(node, key.text);
    } else if (inner == "bool" && node.kind == Kind::boolean) {
      out_ += node.integer != 0 ? '\x88' : '\x89';
    } else if (inner == "int" && node.kind == Kind::integer) {
      integer(node.integer);
    } else if (inner == "float" && node.kind == Kind::real) {
      real(node.real);
    } else {
      found(key.text, "of type " + type + " holds what a detector does not");
    }
  }

  void tensor(const Node& node, const std::string& name) {
    if (node.kind != Kind::call) return found(name, "is a constant that is not a tensor");
    const auto view = read_tensor(pickle_, node, storages_, name);
    out_ += "ctorch._utils\n_rebuild_tensor_v2\n((";
    text("storage");
    out_ += "ctorch\n";
    out_ += storage_name(view.dtype);
    out_ += "\n";
    text(record(view.bytes));
    text("cpu");
    integer(static_cast<std::int64_t>(view.bytes.size() / size_of(view.dtype)));
    out_ += "tQ";
    integer(0);
    integers(view.shape);
    integers(view.strides);
    out_ +=
        "\x89"
        "ccollections\nOrderedDict\n)RtR";
  }

  static std::string_view storage_name(DType dtype) {
    switch (dtype) {
      case DType::f64:
        return "DoubleStorage";
      case DType::f32:
        return "FloatStorage";
      case DType::f16:
        return "HalfStorage";
      case DType::bf16:
        return "BFloat16Storage";
      case DType::i64:
        return "LongStorage";
      case DType::i32:
        return "IntStorage";
      case DType::i16:
        return "ShortStorage";
      case DType::i8:
        return "CharStorage";
      case DType::u8:
        return "ByteStorage";
      case DType::boolean:
        return "BoolStorage";
    }
    return "";
  }

  /// The key of a record with these bytes; what lies in the file once is written once.
  std::string record(std::string_view bytes) {
    const auto [place, fresh] =
        keys_.emplace(std::pair(bytes.data(), bytes.size()), records_.size());
    auto key = std::to_string(place->second);
    if (fresh) records_.emplace_back(folder_ + "/" + key, bytes);
    return key;
  }

  void number(char opcode, std::uint64_t value, int size) {
    out_ += opcode;
    for (int i = 0; i < size; ++i) out_ += static_cast<char>(value >> (8 * i) & 0xff);
  }
  void integer(std::int64_t value) {
    if (value >= INT32_MIN && value <= INT32_MAX)
      return number('J', static_cast<std::uint64_t>(value), 4);
    out_ += "\x8a";
    number('\x08', static_cast<std::uint64_t>(value), 8);
  }
  void integers(const std::vector<std::int64_t>& values) {
    out_ += '(';
    for (const auto value : values) integer(value);
    out_ += 't';
  }
  void real(double value) {
    out_ += 'G';
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (int i = 8; i-- > 0;) out_ += static_cast<char>(bits >> (8 * i) & 0xff);
  }
  void text(std::string_view value) {
    number('X', value.size(), 4);
    out_ += value;
  }

  Pickle pickle_;
  const Storages& storages_;
  std::string folder_;
  std::string member_;
  const Script* script_ = nullptr;
  std::string out_ = "\x80\x02";
  std::map<Ref, std::size_t> modules_;  ///< written already, and their places in the memo
  std::map<std::pair<const char*, std::size_t>, std::size_t> keys_;
  std::vector<std::pair<std::string, std::string_view>> records_;
};

struct Read {
  Findings findings;
  TorchScript result;  ///< if there are none
};

Read read_file(std::string_view file) {
  Read read;
  auto members = read_members(file);
  std::vector<ScriptMember> sources;
  for (const auto& [name, text] : members.sources)
    sources.push_back({members.root + name, module_of(name), text});
  const auto script = read_script(sources);
  read.findings = script.findings;
  const auto take = [&](Rewriting& pickle) {
    read.findings.insert(read.findings.end(), pickle.findings.begin(), pickle.findings.end());
  };
  Rewriting data(members.data, members.data_storages, "data", members.root + "data.pkl");
  data.write_module(script);
  take(data);
  Rewriting constants(members.constants, members.constant_storages, "constants",
                      members.root + "constants.pkl");
  constants.write_constants();
  take(constants);
  if (!read.findings.empty()) return read;

  std::vector<std::pair<std::string, std::string_view>> entries = {
      {"archive/data.pkl", data.pickle()}, {"archive/constants.pkl", constants.pickle()}};
  for (const auto& [name, text] : members.sources) entries.emplace_back("archive/" + name, text);
  std::size_t total = 0;
  for (const auto* pickle : {&data, &constants}) {
    for (const auto& [name, bytes] : pickle->records()) {
      total += bytes.size();
      entries.emplace_back("archive/" + name, bytes);
    }
  }
  if (total > file.size()) wrong("tensors share their storage in part");
  entries.emplace_back("archive/version", members.version);
  entries.emplace_back("archive/byteorder", "little");
  read.result = {archive::write_stored_zip(entries), std::move(members.extra)};
  return read;
}

}  // namespace

std::string describe(const Finding& finding) {
  const auto where = finding.member.empty() ? finding.place : finding.member + ", " + finding.place;
  return where + ": '" + finding.what + "' " + finding.why;
}

bool is_torchscript(std::string_view file) {
  constexpr std::size_t directory = std::size_t{1} << 20;  // all of it in such a file
  return file.starts_with("PK") &&
         file.substr(file.size() - std::min(file.size(), directory)).find("/constants.pkl") !=
             std::string_view::npos;
}

Findings scan_torchscript(std::string_view file) {
  return read_file(file).findings;
}

TorchScript read_torchscript(const std::filesystem::path& path) {
  const MappedFile file(path);
  try {
    auto read = read_file(file.bytes());
    if (read.findings.empty()) return std::move(read.result);
    const auto more = read.findings.size() - 1;
    throw base::Error(
        base::ErrorKind::invalid,
        describe(read.findings.front()) +
            (more > 0 ? base::cat(" (and ", more, " more: `lotse-runner scan` lists them)") : ""),
        hint);
  } catch (base::Error& error) {
    error.add_context(path.string());
    throw;
  }
}

}  // namespace lotse::checkpoint
