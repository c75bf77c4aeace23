#!/usr/bin/env bash
# Installs the Debian packages that a purpose needs and this machine lacks.
#
#   tools/setup.sh build|demo|bench|install|test|tidy|format
#
# Does nothing when everything is there. Needs root or sudo only when something is missing.
set -euo pipefail

build=(make g++ cmake ninja-build pkg-config git nlohmann-json3-dev libspdlog-dev libabsl-dev
       tzdata libcli11-dev libsqlite3-dev libpq-dev libssl-dev libzstd-dev libhiredis-dev
       libboost1.81-dev libdw-dev)
tests=(libgtest-dev libgmock-dev libcpp-httplib-dev libboost-context1.81-dev)
engines=(postgresql redis-server)
poolers=(pgbouncer redis-sentinel openssl)
clang=(clang-19 libclang-rt-19-dev)
browser=(chromium)

# The dashboard's user interface; any Node from 18 on does.
node=()
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then node=(nodejs npm); fi

# Nice to have: they only make things faster, or are measured beside, so a machine without them is
# not refused.
optional=()

case "${1:-}" in
  build | demo) required=("${build[@]}" "${node[@]}") ;;
  bench)
    required=("${build[@]}" "${engines[@]}" jq)
    optional=(ruby-sidekiq)
    ;;
  install) required=("${build[@]}" "${node[@]}" "${tests[@]}") ;;
  test)
    required=("${build[@]}" "${node[@]}" "${tests[@]}" "${engines[@]}" "${poolers[@]}" "${clang[@]}"
      "${browser[@]}")
    optional=(ccache mold)
    ;;
  tidy) required=("${build[@]}" "${clang[@]}" clang-tidy-19) ;;
  format) required=(git clang-format-19) ;;
  *)
    echo "usage: tools/setup.sh build|demo|bench|install|test|tidy|format" >&2
    exit 2
    ;;
esac

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "setup: this is not a Debian-like system; what Debian calls these must be there already:" >&2
  echo "  ${required[*]}" >&2
  exit 0
fi

all=("${required[@]}" "${optional[@]}")
states=$(dpkg-query --show --showformat='${Package} ${db:Status-Status}\n' "${all[@]}" \
  2>/dev/null || true)
missing=()
for package in "${all[@]}"; do
  grep --quiet --line-regexp --fixed-strings "$package installed" <<<"$states" ||
    missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "setup: neither root nor sudo is at hand. Ask an administrator to run:" >&2
    echo "  apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

install_packages() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --no-install-recommends "$@"
}

echo "setup: installing ${missing[*]}"
"${as_root[@]}" apt-get update

wanted=()
for package in "${missing[@]}"; do
  # An optional package that this release does not have is left out.
  if [[ " ${optional[*]} " != *" $package "* ]] || apt-cache show "$package" >/dev/null 2>&1; then
    wanted+=("$package")
  fi
done
# The tests start servers and poolers of their own; those that packages set up are not wanted.
for service in pgbouncer redis-server redis-sentinel; do
  if [[ " ${wanted[*]} " == *" $service "* ]] && [ -d /run/systemd/system ]; then
    "${as_root[@]}" systemctl mask "$service"
  fi
done
if [[ " ${wanted[*]} " == *" postgresql "* ]] && [ ! -e /etc/postgresql-common ]; then
  install_packages postgresql-common
  "${as_root[@]}" sed -ri 's/^#?create_main_cluster.*/create_main_cluster = false/' \
    /etc/postgresql-common/createcluster.conf
fi
[ ${#wanted[@]} -eq 0 ] || install_packages "${wanted[@]}"
