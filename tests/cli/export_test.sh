# needs: runner
# Exported files that would do more than find boxes: exit 2, the operator and its place, and nothing opened or written.
expect 0 lotse-runner export yolo26n --imgsz 64 --output model.torchscript
python3 - <<'P'
import zlib
from struct import pack
def png(name):  # 64 grey pixels a side
    def chunk(kind, data): return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + b"\x72" * 192) * 64
    open(name, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0))
                           + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
png("grey.png")
P
expect 0 lotse-runner infer model.torchscript grey.png
expect 0 lotse-runner scan model.torchscript -o json
says out '"findings": []'

cat >attack.py <<'P'
import sys, zipfile
source, target, attack = sys.argv[1:]
with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as new:
    for name in old.namelist():
        content = old.read(name)
        if name.endswith(".py"):
            lines = content.decode().splitlines()
            lines.insert(len(lines) - 1, "    " + attack)  # before the return
            content = "\n".join(lines).encode() + b"\n"
        new.writestr(name, content)
P
echo secret >secret
attack() { # NAME OPERATOR STATEMENT
  python3 attack.py model.torchscript "$1.torchscript" "$3"
  local traced=()
  if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then traced=(strace -f -e trace=file -o trace); fi
  local begin=$EPOCHREALTIME
  expect 2 lotse-runner infer "$1.torchscript" grey.png
  local took=$(( (${EPOCHREALTIME/./} - ${begin/./}) / 1000 ))
  says err "$1.torchscript: archive/code/__torch__/"
  says err "'$2' is not an operator of a detector"
  says err "lotse export"
  echo "$1: refused after $took ms"
  expect 2 "${traced[@]}" lotse-runner infer "$1.torchscript" grey.png
  if [ -n "${traced[*]}" ] && grep -E "written|\"$PWD/secret" trace; then echo "FAILED: the file was run"; exit 1; fi
  [ ! -e written ] || { echo "FAILED: $1 wrote a file"; exit 1; }
  expect 1 lotse-runner scan "$1.torchscript"
  says out "'$2' is not an operator of a detector"
}
attack write torch.save "torch.save(argument_1, \"$PWD/written\")"
attack read torch.from_file "_9 = torch.copy_(argument_1, torch.from_file(\"$PWD/secret\", False, 8))"

# What another program exported runs if it is arithmetic and says what it is.
python3 - <<'P'
import json, zipfile
with zipfile.ZipFile("model.torchscript") as old, zipfile.ZipFile("other.torchscript", "w") as new, \
        zipfile.ZipFile("silent.torchscript", "w") as silent:
    for name in old.namelist():
        if name.endswith("lotse.json"):
            names = {str(i): str(i) for i in range(80)}
            new.writestr(name.replace("lotse.json", "config.txt"), json.dumps(
                {"task": "detect", "batch": 1, "imgsz": [64, 64], "names": names, "end2end": True, "args": {}}))
            continue
        for file in new, silent: file.writestr(name, old.read(name))
P
expect 0 lotse-runner infer other.torchscript grey.png
expect 2 lotse-runner infer silent.torchscript grey.png
says err "does not say what it is"

# scan: 0 nothing, 1 something, 2 cannot be read.
python3 - <<'P'
import pickle
class Evil:
    def __reduce__(self): import os; return os.system, ("touch written",)
for protocol in range(6): open(f"evil{protocol}.pkl", "wb").write(pickle.dumps(Evil(), protocol=protocol))
open("plain.pkl", "wb").write(pickle.dumps({"a": [1, 2.5, "text", None, True, b"bytes"]}))
P
for protocol in 0 1 2 3 4 5; do
  expect 1 lotse-runner scan "evil$protocol.pkl"
  says out "evil$protocol.pkl: byte "
  says out "'posix.system' would be imported"
done
expect 0 lotse-runner scan plain.pkl
expect 2 lotse-runner scan grey.png
expect 2 lotse-runner scan nothing.pt
expect 1 lotse-runner scan plain.pkl evil2.pkl grey.png -o json
says out '"what": "posix.system"'
[ ! -e written ] || { echo "FAILED: a pickle was run"; exit 1; }
