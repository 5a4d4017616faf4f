# needs: runner
# What the runner makes of files that are wrong or not for it: exit 2, the place and the reason, nothing executed.
cat >make.py <<'P'
import os, pickle, zipfile
class Evil:
    def __reduce__(self): return os.system, ("touch executed",)
def write(name, data):
    with zipfile.ZipFile(name, "w", zipfile.ZIP_STORED) as file:
        file.writestr("archive/data.pkl", data)
write("evil.pt", pickle.dumps({"model": Evil()}, protocol=2))
write("cut.pt", pickle.dumps({"model": {"a": 1}}, protocol=2)[:-3])
whole = open("evil.pt", "rb").read()
open("half.pt", "wb").write(whole[:len(whole) // 2])
P
python3 make.py
expect 2 lotse-runner inspect evil.pt
says err "evil.pt: pickle, byte 57: the file asks to call 'posix.system', which is not allowed"
expect 2 lotse-runner infer evil.pt .
expect 2 lotse-runner inspect cut.pt
says err "cut.pt: pickle, byte 30:"
expect 2 lotse-runner inspect half.pt
says err "half.pt: byte "
[ ! -e executed ] || { echo "FAILED: a checkpoint executed something"; exit 1; }

# A folder that this process may not read: trying again cannot help, and the hint says what may. Root reads everything,
# unless it gives that right away.
confined=()
[ "$(id -u)" != 0 ] || confined=(setpriv --inh-caps=-all --bounding-set=-all)
mkdir -m 000 secret
expect 2 "${confined[@]}" lotse-runner train --data "$PWD/secret/data.yaml"
says err "secret/data.yaml: Permission denied"
says err "runs as user $(id -u)"

expect 2 lotse-runner train --epochs many
expect 2 lotse-runner nothing
expect 0 lotse-runner --help

# A GPU that was asked for and cannot be used is an error, unless the CPU is asked for too.
mkdir pictures
if [ ! -e /dev/nvidiactl ]; then
  expect 2 lotse-runner infer yolo26n pictures --device cuda
  expect 2 env LOTSE_GPUS=1 lotse-runner export yolo26n --imgsz 64 --output m.torchscript
  says err "a GPU was asked for (--gpus), but this runner cannot use one"
  expect 0 env LOTSE_GPUS=1 lotse-runner export yolo26n --imgsz 64 --output m.torchscript --device cpu
fi

# Output that cannot be written is no success; a number that is not the user's is refused.
full() {
  local code=0
  "$@" >/dev/full 2>err </dev/null || code=$?
  [ "$code" = 1 ] || { echo "FAILED: $* >/dev/full returned $code, not 1"; cat err; exit 1; }
  says err "cannot write to standard output: No space left on device"
}
full lotse-runner --help
full lotse-runner --version
full lotse-runner inspect yolo26n
full lotse-runner inspect yolo26n -o json
full lotse-runner dataset shapes shapes --train-images 1 --val-images 1 --imgsz 64
[ -e shapes/data.yaml ] # what it makes besides is made
full lotse-runner infer yolo26n shapes/images/train --imgsz 64
expect 2 lotse-runner train --data shapes/data.yaml --epochs 99999999999999999999
says err "--epochs: '99999999999999999999' is no whole number of 64 bits"
expect 2 lotse-runner train --data shapes/data.yaml --imgsz 100
says err "--imgsz: must be a multiple of 32, is 100"
expect 2 lotse-runner infer yolo26n shapes/images/train --conf nan
says err "--conf: 'nan' is no number"
expect 2 lotse-runner train
says err "--data: is required"
expect 2 lotse-runner train --epoch 3
says err "did you mean --epochs?"
