#!/usr/bin/env bash
# timeout: 300
# Promise A7: whatever request a command dies after, the same command again ends it. Here after every eighth; `make soak`
# takes each.
exec "$(dirname "$0")/../kill_each_request" 8
