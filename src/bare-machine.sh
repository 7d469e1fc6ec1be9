# Sourced by what packs an archive for a machine that has nothing: 'src/publish', and tests/Titer.Benchmarks/gpu/prepare.

# Under 'set -e' a step that fails ends the script without a word; this says which.
set -E
trap 'echo "$(basename "$0"): line $LINENO failed: $BASH_COMMAND" >&2' ERR

# lay_runtime ROOT: the .NET runtime that the programs below ROOT name, laid out as an installation of its own in ROOT/dotnet: workers are started
# through its 'dotnet' as anywhere else.
lay_runtime() {
  local root=$1 from framework
  from=$(dirname "$(readlink -f "$(command -v dotnet)")")
  newest() { ls "$1" | grep -E '^10\.[0-9.]+$' | sort -V | tail -1; }
  mkdir -p "$root/dotnet/host/fxr"
  cp "$from/dotnet" "$root/dotnet/"
  [ ! -e "$from/LICENSE.txt" ] || cp "$from/LICENSE.txt" "$from/ThirdPartyNotices.txt" "$root/dotnet/"
  cp -r "$from/host/fxr/$(newest "$from/host/fxr")" "$root/dotnet/host/fxr/"
  for framework in $(grep -rhoE '"Microsoft\.[A-Za-z]+\.App"' "$root" --include='*.runtimeconfig.json' | tr -d '"' | sort -u); do
    mkdir -p "$root/dotnet/shared/$framework"
    cp -r "$from/shared/$framework/$(newest "$from/shared/$framework")" "$root/dotnet/shared/$framework/"
  done
  # What only a debugger or a profiler loads.
  find "$root/dotnet" \( -name 'libmscordaccore.so' -o -name 'libmscordbi.so' -o -name 'createdump' -o -name 'libcoreclrtraceptprovider.so' \
    -o -name 'libclrgcexp.so' \) -delete
}

# lay_openssl ROOT: .NET hashes with OpenSSL; ROOT/openssl is for machines that have none.
lay_openssl() {
  local library file
  mkdir -p "$1/openssl"
  for library in libssl.so.3 libcrypto.so.3; do
    # To the end: under 'pipefail' a reader that leaves early makes the writer's broken pipe a failure, now and then.
    file=$(ldconfig -p | awk -v name="$library" '$1 == name && /x86-64/ && !found { print $NF; found = 1 }')
    [ -z "$file" ] || cp -L "$file" "$1/openssl/"
  done
}

# pack_once STAGE NAME ARCHIVE: the folder STAGE/NAME as an archive, the same file twice packed once, the same bytes for the same files. ARCHIVE's
# ending says how it is compressed: .tar.xz, .tar.gz or .tar.zst.
pack_once() {
  local stage=$1 name=$2 archive=$3 hash file last='' first=''
  find "$stage/$name" -type f -size +8k -exec sha256sum {} + | sort | while read -r hash file; do
    if [ "$hash" = "$last" ]; then ln -f "$first" "$file"; else last=$hash first=$file; fi
  done
  chmod -R u+w,a+rX "$stage/$name"
  mkdir -p "$(dirname "$archive")"
  XZ_OPT=${XZ_OPT:--T0 -6} tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner --mtime='2020-01-01' -caf "$archive" "$name"
  echo "$archive: $(($(stat -c %s "$archive") / 1000)) kB packed, $(du -sm "$stage/$name" | cut -f1) MB unpacked."
}
