#pragma once
#include <string>
#include <utility>
#include <vector>

#include "unit/checkpoint/emitter.h"

namespace lotse::test {

/// A small TorchScript archive as torch.jit.save lays it out: one module with a flag, a submodule
/// and a constant. Members are open so that a test can lie in them.
struct ExportEmitter {
  std::string attributes = "  training : bool\n  inner : __torch__.inner.Inner\n";
  std::string methods;  ///< beside `forward`
  std::string parameters = "x: Tensor";
  std::string body =
      "    inner = self.inner\n"
      "    _0 = torch.add((inner).forward(x, ), CONSTANTS.c0)\n"
      "    _1, _2, = torch.chunk(torch.silu_(_0), 2, 1)\n"
      "    _3 = torch.slice(_1, 1, 0, 9223372036854775807)\n"
      "    _4 = torch.to(_2, dtype=6, layout=None, device=torch.device(\"cpu\"), copy=False)\n"
      "    _5 = torch.div(_4, 80, rounding_mode=\"floor\")\n"
      "    _6 = [torch.expand(_3, [-1, -1, 4]), annotate(Tensor, _5)]\n"
      "    return torch.cat(_6, -1)\n";
  std::string base = "Module";
  std::string more;  ///< behind the class
  std::string inner =
      "class Inner(Module):\n"
      "  __parameters__ = [\"weight\", ]\n"
      "  __buffers__ = []\n"
      "  weight : Tensor\n"
      "  __annotations__[\"0\"] = Optional[Tensor]\n"
      "  def forward(self: __torch__.inner.Inner,\n"
      "    x: Tensor) -> Tensor:\n"
      "    return torch.mul(x, self.weight)\n";
  std::string data = data_pickle();
  std::string constants = constants_pickle();
  std::vector<std::pair<std::string, std::string>> members;  ///< more of them
  std::string root = "model/";

  std::string code() const {
    return "class Detector(" + base +
           "):\n"
           "  __parameters__ = []\n"
           "  __buffers__ = []\n" +
           attributes + methods +
           "  def forward(self: __torch__.Detector,\n"
           "    " +
           parameters + ") -> Tensor:\n" + body + more;
  }

  std::string file() const {
    ZipEmitter zip;
    zip.add(root + "data.pkl", data);
    zip.add(root + "data/0", std::string(16, 'w'));
    zip.add(root + "code/__torch__.py", code());
    zip.add(root + "code/__torch__/inner.py", inner);
    zip.add(root + "constants.pkl", constants);
    zip.add(root + "constants/0", std::string(16, 'c'));
    zip.add(root + "version", "3\n");
    zip.add(root + "byteorder", "little");
    zip.add(root + "extra/lotse.json", "{}");
    for (const auto& [name, content] : members) zip.add(name, content);
    return zip.finish();
  }

  /// A tensor of four floats in the record "0".
  static void tensor(PickleEmitter& p, std::int64_t elements = 4) {
    p.global("torch._utils", "_rebuild_tensor_v2").raw("((").text("storage");
    p.global("torch", "FloatStorage").text("0").text("cpu").integer(4).raw("tQ");
    p.integer(0).integers({elements}).integers({elements > 4 ? 0 : 1}).raw("\x89");
    p.empty_ordered_dict().raw("tR");
  }

  static std::string data_pickle() {
    PickleEmitter p;
    p.global("__torch__", "Detector").raw(")\x81}(").text("training").raw("\x89").text("inner");
    p.global("__torch__.inner", "Inner").raw(")\x81}(").text("weight");
    tensor(p);
    p.text("0").raw("N").raw("ubub");
    return p.finish();
  }

  static std::string constants_pickle() {
    PickleEmitter p;
    p.raw("(");
    tensor(p);
    return p.raw("t").finish();
  }
};

}  // namespace lotse::test
