# shellcheck shell=bash
# Sourced by the commands here: makes sure that Swift, libzmq, OpenBLAS and zlib can be built against.

have_library() {
    printf '#include <%s>\nint main(void) { return 0; }\n' "$1" \
        | clang -xc - -o /dev/null "-l$2" 2>/dev/null
}

install_what_is_missing() {
    if ! command -v swift >/dev/null; then
        echo "Swift 6.3 is needed and was not found: install it from https://www.swift.org/install/linux." >&2
        exit 2
    fi
    local missing=()
    have_library zmq.h zmq || missing+=(libzmq3-dev)
    have_library cblas.h openblas || missing+=(libopenblas-dev)
    have_library zlib.h z || missing+=(zlib1g-dev)
    [ ${#missing[@]} -eq 0 ] && return
    if ! command -v apt-get >/dev/null; then
        echo "The development files of libzmq, OpenBLAS and zlib are needed: install them with this system's package manager (on Fedora: zeromq-devel openblas-devel zlib-devel; on Arch: zeromq openblas zlib)." >&2
        exit 2
    fi
    local run=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null \
            || { echo "Run this once as root: apt-get install ${missing[*]}" >&2; exit 2; }
        run=(sudo)
    fi
    echo "installing ${missing[*]}"
    "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q >/dev/null
    "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y "${missing[@]}" >/dev/null
}

# What checks more than can be checked without, where it is easily had.
install_checkers() {
    local missing=()
    command -v shellcheck >/dev/null || missing+=(shellcheck)
    command -v mandoc >/dev/null || missing+=(mandoc)
    command -v aarch64-linux-gnu-gcc >/dev/null || missing+=(gcc-aarch64-linux-gnu)
    command -v valgrind >/dev/null || missing+=(valgrind)
    command -v qemu-aarch64 >/dev/null || missing+=(qemu-user)
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        echo "installing ${missing[*]}"
        timeout 180 env DEBIAN_FRONTEND=noninteractive apt-get install -q -y "${missing[@]}" >/dev/null 2>&1 \
            || echo "${missing[*]} cannot be installed here"
    fi
}
