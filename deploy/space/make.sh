#!/bin/sh
# Copies the files of the Space to a folder: sh deploy/space/make.sh FOLDER
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1/dist"
cp -R "$root/dist/relay" "$1/dist/"
cp "$root/deploy/docker/Dockerfile" "$root/deploy/space/README.md" "$1/"
