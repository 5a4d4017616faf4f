#!/usr/bin/env bash
# timeout: 120
# `plan` asks the registry for the images: one that is there, one that is not, one for another processor, and a registry
# that does not answer; `why` says of real pods what the node made of the wrong ones.
. "$(dirname "$0")/../expect.sh"
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD
here=$(cd "$(dirname "$0")/.." && pwd)
train() { "$LOTSE" train --template "$here/templates/job" "$@"; }
plan() { "$LOTSE" plan train --template "$here/templates/job" "$@"; }

# A program for AArch64, in an image that says so in an index and in one whose configuration says otherwise.
name=lotse/$LOTSE_TEST_NAMESPACE
mkdir arm
printf '\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\002\000\267\000\001\000\000\000' >arm/probe
head -c 4096 /dev/zero >>arm/probe
chmod 755 arm/probe
"$here/oci-image" arm/probe arm/image
"$here/push" arm/image "$name:lie" >/dev/null
python3 - arm/image/index.json <<'END'
import hashlib, json, pathlib, sys
file = pathlib.Path(sys.argv[1])
index = json.loads(file.read_text())
index["mediaType"] = media = "application/vnd.oci.image.index.v1+json"
index["manifests"][0]["platform"] = {"os": "linux", "architecture": "arm64"}
text = json.dumps(index).encode()
digest = hashlib.sha256(text).hexdigest()
(file.parent / "blobs/sha256" / digest).write_bytes(text)
file.write_text(json.dumps({"schemaVersion": 2, "manifests": [{"mediaType": media, "digest": "sha256:" + digest, "size": len(text)}]}))
END
skopeo --insecure-policy copy --all --quiet --dest-tls-verify=false oci:arm/image "docker://$LOTSE_TEST_REGISTRY/$name:arm"

exits 10 plan --name run --image "$LOTSE_TEST_IMAGE"
! grep -E "Image[A-Z]|image not checked" out err || { cat out err >&2; exit 1; }
exits 10 plan --name run --image "$LOTSE_TEST_REGISTRY/$name:none"
says "ImageMissing"
says "the registry does not have the image $LOTSE_TEST_REGISTRY/$name:none of job/run-"
exits 10 plan --name run --image "$LOTSE_TEST_REGISTRY/$name:arm"
says "ImageArchitecture"
says "is for arm64, and the nodes are amd64"
exits 11 plan --name run --image "Not//A:Name"
says "ImageNameInvalid"
exits 10 plan --name run --image "$LOTSE_TEST_REGISTRY/$name:arm" -o json
fits out plan
# Nobody listens there; one that is silent is waited for two seconds.
exits 10 plan --name run --image "localhost:1/a:1"
says "image not checked: localhost:1/a:1: "
python3 -c '
import socket, time
server = socket.create_server(("127.0.0.1", 0))
open("port", "w").write(str(server.getsockname()[1]))
time.sleep(60)' &
silent=$!
trap 'kill $silent' EXIT
until [ -s port ]; do sleep 0.1; done
began=$(date +%s%N)
exits 10 plan --name run --image "localhost:$(cat port)/a:1"
says "image not checked: localhost:$(cat port)/a:1: "
took=$((($(date +%s%N) - began) / 1000000))
[ $took -lt 6000 ] || { echo "plan took $took ms beside a silent registry" >&2; exit 1; }
# Without the right to read nodes it still asks.
KUBECONFIG=$LOTSE_TEST_TOKEN_KUBECONFIG exits 10 plan --name run --image "$LOTSE_TEST_REGISTRY/$name:none"
says "ImageMissing"

train --name arm --image "$LOTSE_TEST_REGISTRY/$name:arm" --detach
train --name lie --image "$LOTSE_TEST_REGISTRY/$name:lie" --detach
train --name well --image "$LOTSE_TEST_IMAGE" --detach --args pause
first_is arm ImageArchitecture "no match for platform in manifest"
first_is lie ImageArchitecture "exec format error"
exits 0 "$LOTSE" why well
says "nothing is wrong with it"
