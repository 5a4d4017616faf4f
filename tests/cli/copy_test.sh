# push and fetch on this machine: the same protocol and checks as with a cluster, over the folders of local volumes.
mkdir -p tree/a/b
printf 'one\0two' >tree/a/b/c
head -c 3000000 /dev/urandom >tree/big
cp /bin/true tree/run

expect 3 lotse push tree volume:data/sub --on local
says err "there is no volume claim 'data'"
says err "--size 10Gi makes one"
expect 0 lotse push tree volume:data/sub --on local --size 1Gi
says out "3 files"
expect 0 lotse push tree volume:data/sub --on local
says out "0 files, 0 B"
says out "3 were there already"
expect 0 lotse push tree/big volume:data/sub --on local -o json
fits out copy
says out '"sentFiles": 0'
expect 0 lotse fetch volume:data/sub back --on local
diff -r tree back
[ -x back/run ]
expect 0 lotse fetch volume:data/sub/a/b/c one --on local -o json
fits out copy
cmp tree/a/b/c one/c

ln -s /etc/passwd tree/a/link
expect 2 lotse push tree volume:data/sub --on local
says err "a/link: is a symbolic link"
expect 2 lotse push nothing volume:data/sub --on local
says err "there is no 'nothing'"
expect 2 lotse push tree data/sub --on local
says err "is not volume:NAME/PATH"
expect 2 lotse push tree volume:data/../x --on local
expect 3 lotse fetch volume:other back --on local
expect 2 lotse fetch volume:data/nothing back --on local
says err "cannot find"
expect 3 lotse fetch no-such-run back --on local

# What only a cluster has.
expect 2 lotse exec
says err "NAME is missing"
expect 2 lotse exec run
says err "COMMAND is missing"
expect 3 lotse connect no-such-run --on local
