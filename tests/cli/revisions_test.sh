# needs: runner
# Revisions of a service on this machine: plan, history, diff, scale, rollback, stop, start.
serve() { lotse serve yolo26n --seed 3 --imgsz 64 --name eyes --on local "$@"; }
expect 10 lotse plan serve yolo26n --seed 3 --imgsz 64 --name eyes --on local
says out "eyes would become revision 1"
says out "+ deployment/eyes"
expect 3 lotse status eyes --on local
expect 3 lotse history eyes --on local

expect 0 serve -o json
fits out status
says err "eyes, revision 1"
expect 0 lotse plan serve yolo26n --seed 3 --imgsz 64 --name eyes --on local
says out "nothing would change"
expect 10 lotse plan serve yolo26n --seed 3 --imgsz 64 --name eyes --conf 0.5 --on local -o json
fits out plan
says out '"data[run.json]: options.conf"'
expect 0 lotse scale eyes --replicas 2 --on local -o json
fits out applied
expect 0 lotse scale eyes --replicas 2 --on local
says out "eyes: scale to 2, revision 2"
expect 0 lotse wait eyes --for ready --timeout 60s --on local
expect 0 lotse connect eyes --on local -o json
fits out connect
expect 0 lotse history eyes --on local -o json
fits out history
[ "$(python3 -c 'import json; print([(r["number"], r["current"], r["cause"], r["values"]["replicas"]) for r in json.load(open("out"))["revisions"]])')" = \
  "[(1, False, 'apply', 1), (2, True, 'scale to 2', 2)]" ]
expect 10 lotse diff eyes --from 1 --on local
says out "spec.replicas: 1 -> 2"
expect 10 lotse diff eyes --from 1 --on local -o json
fits out diff
expect 0 lotse diff eyes --on local
printf 'model: yolo26n\nseed: 3\nimgsz: 64\n' >values.yaml
expect 0 lotse diff eyes --from 1 -f values.yaml --on local
echo 'conf: 0.5' >>values.yaml
expect 10 lotse diff eyes --from 1 -f values.yaml --on local
says out "data[run.json]: options.conf: 0.25 -> 0.5"
echo 'cnof: 0.5' >>values.yaml
expect 2 lotse diff eyes -f values.yaml --on local
says err "values.yaml:5"
expect 2 lotse diff eyes -f values.yaml --to 1 --on local
says err "--values: does not go with --to"

expect 0 lotse rollback eyes --dry-run --on local
says out "spec.replicas: 2 -> 1"
expect 0 lotse rollback eyes --on local
says out "eyes: rollback to 1, revision 3"
expect 2 lotse rollback eyes --to 9 --on local
says err "there are 1, 2, 3"
expect 0 lotse stop eyes --dry-run --on local -o json
fits out diff
expect 0 lotse stop eyes --on local -o json
fits out stop
expect 0 lotse status eyes --on local
says out Stopped
expect 0 lotse start eyes --on local -o json
fits out stop
expect 0 lotse wait eyes --for ready --timeout 60s --on local
expect 0 serve
says out "revision 3, unchanged"
expect 0 lotse scale eyes --replicas 1 --on local
says out "unchanged"
expect 0 lotse restart eyes --dry-run --on local
says out "would restart deployment/eyes"
expect 0 lotse restart eyes -o json --on local
fits out restart
expect 0 lotse delete eyes --dry-run -o json --on local
fits out delete
says out "deployment/eyes"
expect 2 lotse rerun eyes --on local
says err "lotse restart eyes"
expect 0 lotse delete eyes --on local
expect 3 lotse history eyes --on local
