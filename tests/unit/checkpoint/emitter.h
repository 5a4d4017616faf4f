#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Writes zip files and pickles as torch.save lays them out, right ones and wrong ones. Our own: no
/// file of anyone else's lies in the repository.
namespace lotse::test {

inline void put(std::string& out, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

/// A zip file of stored entries whose local headers hold no sizes, as torch.save writes it. Members
/// are open so that a test can lie in them.
struct ZipEmitter {
  struct Record {
    std::string name;
    std::uint64_t local = 0;
    std::uint64_t size = 0;
    std::uint64_t stored = 0;
    int method = 0;
    int flags = 0x0808;
  };
  std::string file;
  std::vector<Record> records;

  void add(const std::string& name, std::string_view content) {
    records.push_back({name, file.size(), content.size(), content.size()});
    put(file, 0x04034b50, 4);
    put(file, 20, 2);
    put(file, 0x0808, 2);
    put(file, 0, 2 + 2 + 2 + 4 + 4 + 4);
    put(file, name.size(), 2);
    const std::size_t unpadded = file.size() + 2 + name.size() + 4;
    const std::size_t padding = (64 - unpadded % 64) % 64;
    put(file, 4 + padding, 2);
    file += name;
    put(file, 0x4246, 2);  // "FB", as torch.save pads
    put(file, padding, 2);
    file.append(padding, 'Z');
    file += content;
    put(file, 0x08074b50, 4);
    put(file, 0, 4);
    put(file, content.size(), 4);
    put(file, content.size(), 4);
  }

  std::string finish() const {
    std::string result = file;
    for (const auto& record : records) {
      put(result, 0x02014b50, 4);
      put(result, 20, 2);
      put(result, 20, 2);
      put(result, record.flags, 2);
      put(result, record.method, 2);
      put(result, 0, 4);
      put(result, 0, 4);
      put(result, record.stored, 4);
      put(result, record.size, 4);
      put(result, record.name.size(), 2);
      put(result, 0, 8);
      put(result, 0, 4);
      put(result, record.local, 4);
      result += record.name;
    }
    const auto size = result.size() - file.size();
    put(result, 0x06054b50, 4);
    put(result, 0, 4);
    put(result, records.size(), 2);
    put(result, records.size(), 2);
    put(result, size, 4);
    put(result, file.size(), 4);
    put(result, 0, 2);
    return result;
  }
};

/// Pickle opcodes, protocol 2, one call each.
struct PickleEmitter {
  std::string out = "\x80\x02";

  PickleEmitter& raw(std::string_view bytes) {
    out += bytes;
    return *this;
  }
  PickleEmitter& global(const std::string& module, const std::string& name) {
    return raw("c" + module + "\n" + name + "\n");
  }
  PickleEmitter& text(std::string_view value) {
    out += 'X';
    put(out, value.size(), 4);
    return raw(value);
  }
  PickleEmitter& integer(std::int64_t value) {
    if (value >= 0 && value < 256) {
      out += 'K';
      put(out, static_cast<std::uint64_t>(value), 1);
    } else if (value >= INT32_MIN && value <= INT32_MAX) {
      out += 'J';
      put(out, static_cast<std::uint64_t>(value), 4);
    } else {
      out += "\x8a\x08";
      put(out, static_cast<std::uint64_t>(value), 8);
    }
    return *this;
  }
  PickleEmitter& real(double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    out += 'G';
    for (int i = 8; i-- > 0;) out += static_cast<char>(bits >> (8 * i) & 0xff);
    return *this;
  }
  PickleEmitter& integers(const std::vector<std::int64_t>& values) {
    raw("(");
    for (const auto value : values) integer(value);
    return raw("t");
  }
  PickleEmitter& empty_ordered_dict() { return global("collections", "OrderedDict").raw(")R"); }
  std::string finish() const { return out + "."; }
};

/// A tensor to be written, bytes in row-major order unless strides say otherwise.
struct TensorToWrite {
  std::string name;
  std::string storage_type;  ///< "FloatStorage"
  std::size_t element_size = 4;
  std::vector<std::int64_t> shape;
  std::string bytes;
  std::vector<std::int64_t> strides = {};
  std::int64_t offset = 0;
  bool parameter = true;
};

/// torch.save({"model": DetectionModel, "epoch": ..., ...}) of a module tree given by dotted names.
class ModelEmitter {
 public:
  std::vector<TensorToWrite> tensors;
  std::vector<std::string> names;  ///< of classes
  std::string slot = "model";      ///< or "ema"
  std::string root = "weights/";
  bool state_dict_only = false;
  std::string type = "DetectionModel";  ///< the outermost class
  /// What stands under "act" beside each "conv"; nothing if the class is empty.
  std::string activation_module = "torch.nn.modules.activation";
  std::string activation;
  std::map<std::string, double> activation_settings;
  std::vector<std::string> without_activation;  ///< modules with an Identity there
  /// The module of an IterableSimpleNamespace among the attributes; none if empty.
  std::string namespace_module;

  std::string pickle() {
    PickleEmitter p;
    storages_.clear();
    if (state_dict_only) {
      dict(p, [&] {
        for (const auto& one : tensors) {
          p.text(one.name);
          tensor(p, one);
        }
      });
      return p.finish();
    }
    Tree tree;
    for (const auto& one : tensors) tree.insert(one);
    dict(p, [&] {
      p.text("epoch").integer(-1);
      p.text("best_fitness").raw("N");
      p.text(slot == "ema" ? "model" : "ema").raw("N");
      p.text(slot);
      module(p, tree, true);
      p.text("train_args");
      dict(p, [&] {
        p.text("lr0").real(0.01);
        p.text("epochs").integer(100);
        p.text("amp").raw("\x88");
        p.text("big").integer(5'000'000'000);
      });
      p.text("date").text("2026-01-01");
      p.text("version").text("1.2.3");
    });
    return p.finish();
  }

  std::string file() {
    ZipEmitter zip;
    zip.add(root + "data.pkl", pickle());
    zip.add(root + ".format_version", "1");
    zip.add(root + "byteorder", "little");
    for (std::size_t i = 0; i < storages_.size(); ++i)
      zip.add(root + "data/" + std::to_string(i), storages_[i]);
    zip.add(root + "version", "3\n");
    return zip.finish();
  }

 private:
  struct Tree {
    std::vector<TensorToWrite> own;  ///< with the last part of their names
    std::vector<std::pair<std::string, std::unique_ptr<Tree>>> children;

    void insert(TensorToWrite tensor) {
      const auto dot = tensor.name.find('.');
      if (dot == std::string::npos) {
        own.push_back(std::move(tensor));
        return;
      }
      const auto head = tensor.name.substr(0, dot);
      tensor.name = tensor.name.substr(dot + 1);
      for (auto& [name, child] : children) {
        if (name == head) return child->insert(std::move(tensor));
      }
      children.emplace_back(head, std::make_unique<Tree>());
      children.back().second->insert(std::move(tensor));
    }
  };

  template <class Body>
  static void dict(PickleEmitter& p, Body body) {
    p.raw("}(");
    body();
    p.raw("u");
  }

  void module(PickleEmitter& p, const Tree& tree, bool top, const std::string& path = "") {
    p.global("some.package", top ? type : "Block").raw(")\x81");
    dict(p, [&] {
      p.text("training").raw("\x89");
      p.text("_parameters");
      dict(p, [&] { members(p, tree, true); });
      p.text("_buffers");
      dict(p, [&] { members(p, tree, false); });
      p.text("_non_persistent_buffers_set").global("__builtin__", "set").raw("]\x85R");
      p.text("_modules").empty_ordered_dict().raw("(");
      for (const auto& [name, child] : tree.children) {
        p.text(name);
        module(p, *child, false, path.empty() ? name : path + "." + name);
        if (name == "conv" && !activation.empty()) act(p, path);
      }
      p.raw("u");
      if (top) attributes(p);
    });
    p.raw("b");
  }

  void act(PickleEmitter& p, const std::string& of) {
    const bool none = std::find(without_activation.begin(), without_activation.end(), of) !=
                      without_activation.end();
    p.text("act");
    p.global(none ? "torch.nn.modules.linear" : activation_module, none ? "Identity" : activation);
    p.raw(")\x81");
    dict(p, [&] {
      p.text("training").raw("\x89").text("_modules").empty_ordered_dict();
      if (none) return;
      p.text("inplace").raw("\x88");
      for (const auto& [name, value] : activation_settings) p.text(name).real(value);
    });
    p.raw("b");
  }

  void attributes(PickleEmitter& p) {
    if (!namespace_module.empty()) {
      p.text("args").global(namespace_module, "IterableSimpleNamespace").raw(")R");
      dict(p, [&] { p.text("imgsz").integer(640); });
      p.raw("b");
    }
    p.text("names");
    dict(p, [&] {
      for (std::size_t i = 0; i < names.size(); ++i)
        p.integer(static_cast<std::int64_t>(i)).text(names[i]);
    });
    p.text("nc").integer(static_cast<std::int64_t>(names.size()));
  }

  void members(PickleEmitter& p, const Tree& tree, bool parameters) {
    for (const auto& one : tree.own) {
      if (one.parameter != parameters) continue;
      p.text(one.name);
      if (parameters) p.global("torch._utils", "_rebuild_parameter").raw("(");
      tensor(p, one);
      if (parameters) p.raw("\x88").empty_ordered_dict().raw("tR");
    }
  }

  void tensor(PickleEmitter& p, const TensorToWrite& one) {
    std::vector<std::int64_t> strides = one.strides;
    if (strides.empty()) {
      strides.resize(one.shape.size());
      std::int64_t next = 1;
      for (std::size_t i = one.shape.size(); i-- > 0;) {
        strides[i] = next;
        next *= one.shape[i];
      }
    }
    p.global("torch._utils", "_rebuild_tensor_v2").raw("((").text("storage");
    p.global("torch", one.storage_type).text(std::to_string(storages_.size())).text("cpu");
    p.integer(static_cast<std::int64_t>(one.bytes.size() / one.element_size)).raw("tQ");
    p.integer(one.offset).integers(one.shape).integers(strides).raw("\x89").empty_ordered_dict();
    p.raw("tR");
    storages_.push_back(one.bytes);
  }

  std::vector<std::string> storages_;
};

/// The bytes of a list of numbers.
template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace lotse::test
